//! Presets of the user's own, one per class: what `svg-ai optimize --learn` has found on their pictures.
//!
//! A file of presets is TOML: a table per class with the engine, what differs from its built-in preset, and
//! what that was measured to be worth. [`Presets::parse`] refuses what no engine has, so that a file that was
//! written by hand or by another version does not fail half-way through a folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::classify::Class;
use crate::document::WriteOptions;
use crate::trace::{Engine, Parameters, engine};
use crate::{Code, Error, Result};

/// Where to start for pictures of some classes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Presets {
    by_class: BTreeMap<&'static str, Preset>,
}

/// Where to start for pictures of one class.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Name of the engine.
    pub engine: String,
    /// Decimals of a coordinate; `None`: as the engine resolves.
    #[serde(default)]
    pub precision: Option<u8>,
    /// What differs from the engine's own preset for the class, as it would be typed.
    #[serde(default, deserialize_with = "as_typed")]
    pub options: BTreeMap<String, String>,
    /// What it was measured to be, on the pictures that it was learned from.
    #[serde(default)]
    pub measured: Option<Measured>,
}

/// What a preset does to the pictures that it was learned from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Number of pictures.
    pub images: usize,
    /// Mean quality with the built-in preset.
    pub quality_before: f64,
    /// Mean quality with this one.
    pub quality: f64,
    /// Geometric mean of the bytes over those with the built-in preset.
    pub bytes_ratio: f64,
}

/// Values of a TOML table as texts: `price = 6` and `price = "6"` say the same.
fn as_typed<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<BTreeMap<String, String>, D::Error> {
    let table = BTreeMap::<String, toml::Value>::deserialize(from)?;
    let text = |value: toml::Value| match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(v) => Ok(v.to_string()),
        toml::Value::Float(v) => Ok(v.to_string()),
        toml::Value::Boolean(v) => Ok(v.to_string()),
        _ => Err(serde::de::Error::custom("a text, a number, true or false is wanted")),
    };
    table.into_iter().map(|(name, value)| Ok((name, text(value)?))).collect()
}

impl Presets {
    /// Reads a file of presets.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`] when it is no such file, or names a class, an engine, an option or a value
    /// that there is not.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |message: String| Error::new(Code::OptionInvalid, message);
        let tables: BTreeMap<String, Preset> = toml::from_str(text).map_err(|e| {
            // The message of the parser has the line in it, drawn over several lines.
            let line = e.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            invalid(format!("line {line}: {}", e.message()))
        })?;
        let mut presets = Self::default();
        for (name, preset) in tables {
            let class: Class = name.parse()?;
            let within = |e: Error| invalid(format!("[{name}]: {}", e.message()));
            if preset.precision.is_some_and(|p| p > WriteOptions::MAX_PRECISION) {
                return Err(invalid(format!("[{name}]: precision is at most {}", WriteOptions::MAX_PRECISION)));
            }
            let engine = engine(&preset.engine).map_err(within)?;
            preset.on(engine.preset(class)).map_err(within)?;
            presets.insert(class, preset);
        }
        Ok(presets)
    }

    /// The file that [`Presets::parse`] reads.
    pub fn to_toml(&self) -> String {
        let mut out = format!(
            "# Presets for svg-ai convert and batch (--presets), learned by svg-ai {}.\n\
             # Options that are not named are those of the engine's own preset for the class.\n",
            env!("CARGO_PKG_VERSION")
        );
        // Writing to a String cannot fail.
        for (class, preset) in &self.by_class {
            let _ = writeln!(out, "\n[{class}]\nengine = {:?}", preset.engine);
            if let Some(precision) = preset.precision {
                let _ = writeln!(out, "precision = {precision}");
            }
            if !preset.options.is_empty() {
                let _ = writeln!(out, "[{class}.options]");
            }
            for (name, value) in &preset.options {
                let bare = value.parse::<f64>().is_ok() || ["true", "false"].contains(&value.as_str());
                let value = if bare { value.clone() } else { format!("{value:?}") };
                let _ = writeln!(out, "{name} = {value}");
            }
            if let Some(m) = &preset.measured {
                let _ = writeln!(
                    out,
                    "[{class}.measured]\nimages = {}\nquality_before = {:.6}\nquality = {:.6}\nbytes_ratio = {:.4}",
                    m.images, m.quality_before, m.quality, m.bytes_ratio
                );
            }
        }
        out
    }

    /// Sets the preset of `class`.
    pub fn insert(&mut self, class: Class, preset: Preset) {
        self.by_class.insert(class.name(), preset);
    }

    /// The preset of `class`.
    pub fn get(&self, class: Class) -> Option<&Preset> {
        self.by_class.get(class.name())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_class.is_empty()
    }
}

impl Preset {
    /// Its options on top of `parameters`, which must be those of its engine.
    ///
    /// # Errors
    /// [`Code::OptionInvalid`] for an option that there is not, or a value out of range.
    pub fn on(&self, mut parameters: Parameters) -> Result<Parameters> {
        for (name, value) in &self.options {
            parameters.set(name, value)?;
        }
        Ok(parameters)
    }

    /// Whether it is for `engine`.
    pub fn is_for(&self, engine: &dyn Engine) -> bool {
        self.engine == engine.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "[simple]\nengine = \"contour\"\nprecision = 1\n[simple.options]\nprice = 6\nstacking = \"cutout\"\n";

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let mut presets = Presets::parse(FILE).unwrap();
        let simple = presets.get(Class::Simple).unwrap();
        assert_eq!((simple.engine.as_str(), simple.precision, simple.options.len()), ("contour", Some(1), 2));
        let parameters = simple.on(engine("contour").unwrap().preset(Class::Simple)).unwrap();
        assert_eq!((parameters.float("price"), parameters.word("stacking")), (6.0, "cutout"));
        assert!(presets.get(Class::Photo).is_none());
        let measured = Measured { images: 3, quality_before: 0.5, quality: 0.625, bytes_ratio: 0.75 };
        let palette = BTreeMap::from([("palette".to_string(), "#ff0000,#00ff00".to_string())]);
        let preset = Preset { engine: "vtracer".into(), precision: None, options: palette, measured: Some(measured) };
        presets.insert(Class::PixelArt, preset);
        assert_eq!(Presets::parse(&presets.to_toml()).unwrap(), presets);
    }

    #[test]
    fn what_there_is_not_is_refused_with_its_place() {
        for (text, part) in [
            ("[simple]\nengine = \"contour\"\n[simple.options]\nprize = 6\n", "did you mean `price`"),
            ("[simple]\nengine = \"contour\"\n[simple.options]\nprice = 1e9\n", "not in its range"),
            ("[simple]\nengine = \"cntour\"\n", "contour"),
            ("[simpel]\nengine = \"contour\"\n", "not a class"),
            ("[simple]\nengine = \"contour\"\nspeed = 3\n", "speed"),
            ("[simple]\nengine = \"contour\"\nprecision = 9\n", "precision"),
            ("[simple]\nengine = \"contour\"\n[simple.options]\nprice = [1]\n", "a text, a number"),
            ("\n\n[simple\n", "line 3"),
            ("[simple]\n", "engine"),
        ] {
            let e = Presets::parse(text).unwrap_err();
            assert_eq!(e.code(), Code::OptionInvalid);
            assert!(e.to_string().contains(part), "{text}: {e}");
        }
    }
}
