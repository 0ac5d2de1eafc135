//! What can be changed about a trace, and by how much.
//!
//! The values come from the engine's own table ([`OptionSpec::tries`]); here they are put in order, so that
//! a search can go a step up or down. How much each of them matters is in `docs/optimize.md`.

use fastrand::Rng;

use crate::trace::{Engine, Kind, OptionSpec, Parameters, Value};

/// One option of an engine, with the values that a search tries.
pub(crate) struct Knob {
    pub(crate) name: &'static str,
    spec: &'static OptionSpec,
    /// In rising order where they are numbers.
    values: Vec<&'static str>,
    /// How often it was turned, and how often that won a place on the front.
    turned: u32,
    won: u32,
}

/// Every option of `engine` that a search may change: those that the user has not `fixed`.
pub(crate) fn knobs(engine: &dyn Engine, fixed: impl Fn(&str) -> bool) -> Vec<Knob> {
    let free = engine.options().iter().filter(|s| !s.tries.is_empty() && !fixed(s.name));
    free.map(Knob::new).collect()
}

impl Knob {
    fn new(spec: &'static OptionSpec) -> Self {
        let mut values = spec.tries.to_vec();
        if matches!(spec.kind, Kind::Int(..) | Kind::Float(..)) {
            values.sort_by(|a, b| number(a).total_cmp(&number(b)));
        }
        Self { name: spec.name, spec, values, turned: 0, won: 0 }
    }

    /// The values next to that of `parameters`; for words, all others.
    pub(crate) fn neighbours(&self, parameters: &Parameters) -> Vec<&'static str> {
        let now = match parameters.get(self.name) {
            Some(Value::Int(v)) => *v as f64,
            Some(Value::Float(v)) => *v,
            Some(_) => return self.others(parameters),
            None => return Vec::new(),
        };
        let below = self.values.iter().rev().find(|v| number(v) < now);
        let above = self.values.iter().find(|v| number(v) > now);
        below.into_iter().chain(above).copied().collect()
    }

    /// All values but that of `parameters`.
    pub(crate) fn others(&self, parameters: &Parameters) -> Vec<&'static str> {
        let now = parameters.get(self.name);
        self.values.iter().copied().filter(|v| self.spec.parse(v).ok().as_ref() != now).collect()
    }

    /// A value to go to: mostly next to that of `parameters`, now and then any.
    pub(crate) fn turn(&self, parameters: &Parameters, rng: &mut Rng) -> Option<&'static str> {
        /// One in so many goes anywhere.
        const LEAP: usize = 4;
        let near = self.neighbours(parameters);
        let from = if rng.usize(..LEAP) == 0 || near.is_empty() { &self.values } else { &near };
        (!from.is_empty()).then(|| from[rng.usize(..from.len())])
    }

    /// Notes that it was turned, and whether that was of use.
    pub(crate) fn note(&mut self, won: bool) {
        self.turned += 1;
        self.won += u32::from(won);
    }

    /// Share of turns that were of use, as far as is known (Laplace's rule of succession).
    pub(crate) fn promise(&self) -> f64 {
        f64::from(self.won + 1) / f64::from(self.turned + 2)
    }
}

/// The place of a knob drawn by what they promise.
pub(crate) fn draw(knobs: &[Knob], rng: &mut Rng) -> Option<usize> {
    let mut left = rng.f64() * knobs.iter().map(Knob::promise).sum::<f64>();
    for (i, knob) in knobs.iter().enumerate() {
        left -= knob.promise();
        if left <= 0.0 {
            return Some(i);
        }
    }
    knobs.len().checked_sub(1)
}

/// A number of a table; words have none.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Class;
    use crate::trace::engines;

    #[test]
    fn every_value_is_in_its_options_range_and_none_is_there_twice() {
        for engine in engines() {
            let all = knobs(*engine, |_| false);
            assert!(!all.is_empty(), "{}", engine.name());
            for knob in all {
                for value in &knob.values {
                    assert!(knob.spec.parse(value).is_ok(), "{} = {value}", knob.name);
                }
                assert!(knob.values.len() > 1, "{}: nothing to choose", knob.name);
                let numbers = matches!(knob.spec.kind, Kind::Int(..) | Kind::Float(..));
                assert!(!numbers || knob.values.windows(2).all(|w| number(w[0]) < number(w[1])), "{}", knob.name);
            }
        }
    }

    #[test]
    fn a_step_leads_to_the_next_value_on_either_side() {
        let engine = engines()[0];
        let all = knobs(engine, |name| name == "refine");
        assert!(all.iter().all(|k| k.name != "refine"), "what the user has fixed stays");
        let knob = all.iter().find(|k| k.name == "price").unwrap();
        let at = |value: &str| knob.neighbours(&engine.preset(Class::Simple).with(&[("price", value)]));
        assert_eq!(at("2.5"), ["1.6", "4"]);
        assert_eq!(at("3"), ["2.5", "4"], "a value of the user's own is between two of ours");
        assert_eq!(at("100"), ["25"]);
        assert_eq!(knob.others(&engine.preset(Class::Simple)).len(), knob.values.len() - 1);
        let word = all.iter().find(|k| k.name == "stacking").unwrap();
        assert_eq!(word.neighbours(&engine.preset(Class::Simple)), ["cutout"]);
    }

    #[test]
    fn what_has_been_of_use_is_drawn_more_often() {
        let mut all = knobs(engines()[0], |_| false);
        for _ in 0..40 {
            all[0].note(false);
            all[1].note(true);
        }
        let mut rng = Rng::with_seed(1);
        let mut drawn = vec![0; all.len()];
        for _ in 0..1000 {
            drawn[draw(&all, &mut rng).unwrap()] += 1;
        }
        assert!(drawn[0] > 0 && drawn[1] > 10 * drawn[0], "{drawn:?}");
        assert_eq!(draw(&[], &mut rng), None);
    }
}
