//! Engine parameters as data: one table of names, types, ranges and defaults per engine.

use std::collections::BTreeMap;

use crate::document::Rgb;
use crate::{Code, Error, Result};

/// The type and range of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number in the closed range.
    Int(i64, i64),
    /// A number in the closed range.
    Float(f64, f64),
    /// `true` or `false`.
    Bool,
    /// One of the words.
    Word(&'static [&'static str]),
    /// Colours as `#rrggbb`, separated by commas; may be empty.
    Colors,
}

/// One option of an engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionSpec {
    /// Name on the command line (`--engine-option NAME=VALUE`) and in reports.
    pub name: &'static str,
    /// Type and range.
    pub kind: Kind,
    /// Value when nothing is said, as it would be typed.
    pub default: &'static str,
    /// Values worth trying in a search, as they would be typed; none: not searched.
    pub tries: &'static [&'static str],
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// A row of an engine's table, on one line.
pub(super) const fn option(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    tries: &'static [&'static str],
    help: &'static str,
) -> OptionSpec {
    OptionSpec { name, kind, default, tries, help }
}

/// A value of an option.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of [`Kind::Int`].
    Int(i64),
    /// Of [`Kind::Float`].
    Float(f64),
    /// Of [`Kind::Bool`].
    Bool(bool),
    /// Of [`Kind::Word`].
    Word(&'static str),
    /// Of [`Kind::Colors`].
    Colors(Vec<Rgb>),
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Int(v) => (*v).into(),
            Value::Float(v) => (*v).into(),
            Value::Bool(v) => (*v).into(),
            Value::Word(v) => (*v).into(),
            Value::Colors(v) => v.iter().map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}")).collect(),
        }
    }
}

fn invalid(message: String) -> Error {
    Error::new(Code::OptionInvalid, message)
}

/// `#rrggbb` or `rrggbb` as a colour.
///
/// # Errors
/// [`Code::OptionInvalid`] for anything else.
pub(crate) fn parse_color(text: &str) -> Result<Rgb> {
    let hex = text.trim().trim_start_matches('#');
    let number = if hex.len() == 6 && hex.is_ascii() { u32::from_str_radix(hex, 16).ok() } else { None };
    let [_, r, g, b] = number.ok_or_else(|| invalid(format!("`{text}` is not a colour like #1a2b3c")))?.to_be_bytes();
    Ok([r, g, b])
}

impl OptionSpec {
    /// The range in words, for help texts.
    pub fn range(&self) -> String {
        match self.kind {
            Kind::Int(a, b) => format!("{a} to {b}"),
            Kind::Float(a, b) => format!("{a} to {b}"),
            Kind::Bool => "true, false".into(),
            Kind::Word(words) => words.join(", "),
            Kind::Colors => "#rrggbb,…".into(),
        }
    }

    /// `text` as a value of this option.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`] when it is of another type or out of range.
    pub fn parse(&self, text: &str) -> Result<Value> {
        let wrong = || invalid(format!("{}: `{text}` is not in its range ({})", self.name, self.range()));
        match self.kind {
            Kind::Int(a, b) => match text.parse() {
                Ok(v) if (a..=b).contains(&v) => Ok(Value::Int(v)),
                _ => Err(wrong()),
            },
            Kind::Float(a, b) => match text.parse::<f64>() {
                Ok(v) if (a..=b).contains(&v) => Ok(Value::Float(v)),
                _ => Err(wrong()),
            },
            Kind::Bool => text.parse().map(Value::Bool).map_err(|_| wrong()),
            Kind::Word(words) => words.iter().find(|w| **w == text).map(|w| Value::Word(w)).ok_or_else(wrong),
            Kind::Colors => text
                .split(',')
                .filter(|t| !t.trim().is_empty())
                .map(parse_color)
                .collect::<Result<_>>()
                .map(Value::Colors),
        }
    }
}

/// Values for all options of one engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    specs: &'static [OptionSpec],
    values: BTreeMap<&'static str, Value>,
}

impl Parameters {
    /// Every option at its default.
    pub fn defaults(specs: &'static [OptionSpec]) -> Self {
        let values = specs.iter().filter_map(|s| Some((s.name, s.parse(s.default).ok()?))).collect();
        Self { specs, values }
    }

    /// The same with option `name` set to the value in `text`.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`] for an unknown name (the nearest one is told) or a value out of range.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let spec = self.specs.iter().find(|s| s.name == name).ok_or_else(|| {
            let near = self
                .specs
                .iter()
                .max_by(|a, b| strsim::jaro_winkler(a.name, name).total_cmp(&strsim::jaro_winkler(b.name, name)));
            let hint = near.map(|s| format!("; did you mean `{}`?", s.name)).unwrap_or_default();
            invalid(format!("there is no engine option `{name}`{hint}"))
        })?;
        self.values.insert(spec.name, spec.parse(text)?);
        Ok(())
    }

    /// Builder form of [`Parameters::set`] for values that are known to be right; others are left out.
    #[must_use]
    pub fn with(mut self, pairs: &[(&str, &str)]) -> Self {
        for (name, text) in pairs {
            let done = self.set(name, text);
            debug_assert!(done.is_ok(), "{name}={text}");
        }
        self
    }

    /// The value of `name`, if the engine has that option.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A whole number; 0 when there is no such option.
    pub fn int(&self, name: &str) -> i64 {
        if let Some(Value::Int(v)) = self.get(name) { *v } else { 0 }
    }

    /// A number; 0 when there is no such option.
    pub fn float(&self, name: &str) -> f64 {
        if let Some(Value::Float(v)) = self.get(name) { *v } else { 0.0 }
    }

    /// A truth value; false when there is no such option.
    pub fn bool(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }

    /// A word; empty when there is no such option.
    pub fn word(&self, name: &str) -> &'static str {
        if let Some(Value::Word(v)) = self.get(name) { v } else { "" }
    }

    /// Colours; none when there is no such option.
    pub fn colors(&self, name: &str) -> &[Rgb] {
        if let Some(Value::Colors(v)) = self.get(name) { v } else { &[] }
    }

    /// All values, for reports.
    pub fn to_json(&self) -> BTreeMap<String, serde_json::Value> {
        self.values.iter().map(|(k, v)| ((*k).to_string(), v.into())).collect()
    }

    /// The parameters that a report has, as [`Parameters::to_json`] wrote them.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`] for what it cannot have written.
    pub fn from_json(specs: &'static [OptionSpec], values: &BTreeMap<String, serde_json::Value>) -> Result<Self> {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(colors) => colors.iter().filter_map(|c| c.as_str()).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        let mut parameters = Self::defaults(specs);
        for (name, value) in values {
            parameters.set(name, &text(value))?;
        }
        Ok(parameters)
    }

    /// The values that differ from the defaults, for reports.
    pub fn changes(&self) -> BTreeMap<String, serde_json::Value> {
        let defaults = Self::defaults(self.specs);
        self.values
            .iter()
            .filter(|(k, v)| defaults.get(k) != Some(v))
            .map(|(k, v)| ((*k).to_string(), v.into()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SPECS: [OptionSpec; 4] = [
        OptionSpec { name: "color-precision", kind: Kind::Int(1, 8), default: "6", tries: &[], help: "" },
        OptionSpec { name: "simplify", kind: Kind::Float(0.0, 20.0), default: "0", tries: &[], help: "" },
        OptionSpec { name: "mode", kind: Kind::Word(&["spline", "pixel"]), default: "spline", tries: &[], help: "" },
        OptionSpec { name: "palette", kind: Kind::Colors, default: "", tries: &[], help: "" },
    ];

    #[test]
    fn values_are_checked_and_names_suggested() {
        let mut p = Parameters::defaults(&SPECS);
        assert_eq!((p.int("color-precision"), p.word("mode"), p.colors("palette").len()), (6, "spline", 0));
        assert!(p.set("color-precision", "9").unwrap_err().to_string().contains("1 to 8"));
        assert!(p.set("simplify", "NaN").is_err());
        assert!(p.set("palette", "#12345").is_err());
        assert!(p.set("color-precison", "5").unwrap_err().to_string().contains("did you mean `color-precision`"));
        p.set("palette", "#ff0000, 00ff00").unwrap();
        assert_eq!(p.colors("palette"), [[255, 0, 0], [0, 255, 0]]);
        assert_eq!(p.changes().len(), 1);
    }

    #[test]
    fn a_report_has_all_that_is_needed_to_do_it_again() {
        let values =
            [("color-precision", "8"), ("simplify", "0.125"), ("mode", "pixel"), ("palette", "#ff0000,#00ff07")];
        let p = Parameters::defaults(&SPECS).with(&values);
        assert_eq!(Parameters::from_json(&SPECS, &p.to_json()).unwrap(), p);
        let foreign = BTreeMap::from([("effort".to_string(), "fast".into())]);
        assert_eq!(Parameters::from_json(&SPECS, &foreign).unwrap_err().code(), Code::OptionInvalid);
    }
}
