//! Many traces of one picture: regions, boundaries, fits and refined curves are kept for the trials that
//! share them.

use super::super::session::{Memo, Session};
use super::super::{Budget, Parameters};
use std::collections::BTreeMap;

use super::known_fits::KnownFits;
use super::resampled::Subject;
use super::strokes::Found;
use super::{Curve, Inked, Measured, draw, find_inks, find_strokes, finished, fit_all, measure, refine_all};
use crate::document::Document;
use crate::{Raster, Result};

/// Options that change nothing before the curves are drawn, before strokes are found among them, before they are
/// refined, before they are fitted, and before regions are made of the inks. Whatever is not among them is taken to
/// change everything.
const OF_DRAWING: [&str; 2] = ["stacking", "background"];
const OF_STROKES: [&str; 1] = ["strokes"];
const OF_REFINING: [&str; 1] = ["refine"];
const OF_FITTING: [&str; 2] = ["price", "tolerance"];
const OF_REGIONS: [&str; 2] = ["min-area", "lattice"];

/// Largest picture of which more than [`FEW`] results of the early stages are kept, px: at 50 bytes a pixel those are
/// 250 MB.
const SMALL: usize = 1 << 18;

/// Results of the early stages that are kept of larger pictures, a count: measured boundaries take some 200 bytes a
/// boundary pixel, and only options that change regions make new ones.
const FEW: usize = 4;

/// The same of small pictures, a count: a search of a picture with gradients, whose inks take seconds to find, has some
/// ten combinations of these options on its front.
const MANY: usize = 20;

/// Sets of curves that are kept, a count: they are small.
const CURVES: usize = 24;

/// One picture for the contour engine.
pub(super) struct ContourSession<'a> {
    subject: Subject<'a>,
    /// Not of large pictures, where the copies that the next stage works on are dear.
    inked: Option<Memo<Inked>>,
    measured: Memo<Measured>,
    /// Of each boundary by itself.
    fits: KnownFits,
    /// With their junctions settled.
    fitted: Memo<Vec<Curve>>,
    /// With why they were not refined.
    refined: Memo<(Vec<Curve>, Option<&'static str>)>,
    strokes: Memo<BTreeMap<u32, Found>>,
}

impl<'a> ContourSession<'a> {
    pub(super) fn new(raster: &'a Raster) -> Self {
        let subject = Subject::of(raster);
        let small = subject.raster().len() <= SMALL;
        Self {
            subject,
            inked: small.then(|| Memo::new(MANY)),
            measured: Memo::new(if small { MANY } else { FEW }),
            fits: KnownFits::default(),
            fitted: Memo::new(CURVES),
            refined: Memo::new(CURVES),
            strokes: Memo::new(CURVES),
        }
    }
}

/// All of `parameters` but those in `without`.
fn key(parameters: &Parameters, without: &[&[&str]]) -> String {
    let all = parameters.to_json();
    format!("{:?}", all.iter().filter(|(name, _)| !without.concat().contains(&name.as_str())).collect::<Vec<_>>())
}

impl Session for ContourSession<'_> {
    fn trace(&self, parameters: &Parameters, budget: &Budget) -> Result<Document> {
        let late: [&[&str]; 5] = [&OF_DRAWING, &OF_STROKES, &OF_REFINING, &OF_FITTING, &OF_REGIONS];
        let inks = || find_inks(&self.subject, parameters, budget);
        let measured = self.measured.get(key(parameters, &late[..4]), || {
            let inked = match &self.inked {
                Some(known) => Inked::clone(&*known.get(key(parameters, &late), inks)?),
                None => inks()?,
            };
            measure(inked, parameters, budget)
        })?;
        let fit = || fit_all(&measured, parameters, budget, |b, s, effort, costs| self.fits.fit(b, s, effort, costs));
        let refined = self.refined.get(key(parameters, &[&OF_DRAWING, &OF_STROKES]), || {
            let mut curves =
                (*self.fitted.get(key(parameters, &[&OF_DRAWING, &OF_STROKES, &OF_REFINING]), fit)?).clone();
            let skipped = refine_all(&measured, &mut curves, parameters, budget);
            Ok((curves, skipped))
        })?;
        let (curves, skipped) = &*refined;
        let (map, labels) = (&measured.map, &measured.labels);
        let strokes =
            self.strokes.get(key(parameters, &[&OF_DRAWING]), || Ok(find_strokes(map, labels, curves, parameters)))?;
        let document = draw(map, labels, &measured.samples, curves, &strokes, parameters);
        Ok(finished(document, &self.subject, *skipped, measured.bands))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Class;
    use crate::generate::{Options, sample};
    use crate::trace::{Engine, contour::Contour};

    #[test]
    fn a_session_draws_what_the_engine_does() {
        let raster = sample(Class::Complex, 3, &Options { side: 72, ..Options::default() }).raster;
        let session = ContourSession::new(&raster);
        let plain = Contour.preset(Class::Complex);
        let changes = [
            &[][..],
            &[("stacking", "cutout")],
            &[("strokes", "never")],
            &[("refine", "2")],
            &[("price", "10")],
            &[("price", "10"), ("background", "remove")],
            &[("effort", "fast"), ("refine", "2")],
            &[("min-area", "9")],
            &[("lattice", "2")],
            &[("lattice", "2"), ("min-area", "9")],
            &[("max-colors", "4"), ("refine", "0")],
            &[("palette", "#ff0000,#ffffff")],
            &[],
        ];
        for change in changes {
            let parameters = plain.clone().with(change);
            let budget = Budget::unlimited();
            let own = Contour.trace(&raster, &parameters, &budget).unwrap();
            assert!(!own.shapes.is_empty());
            assert_eq!(session.trace(&parameters, &budget).unwrap(), own, "{change:?}");
        }
    }

    #[test]
    fn every_option_is_known_to_be_late_or_changes_everything() {
        let names: Vec<_> = Contour.options().iter().map(|o| o.name).collect();
        let late = [&OF_DRAWING[..], &OF_STROKES, &OF_REFINING, &OF_FITTING, &OF_REGIONS].concat();
        assert!(late.iter().all(|name| names.contains(name)), "{late:?} of {names:?}");
        let preset = Contour.preset(Class::Simple);
        for name in names.iter().filter(|name| !late.contains(name)) {
            assert!(key(&preset, &[&late]).contains(name), "{name}");
        }
    }
}
