//! What kind of picture is this, how sure are we, and why.

use serde::{Deserialize, Serialize};

mod features;
mod rules;

/// The kind of a picture, as far as it matters for tracing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Few flat colours, geometric: logos, icons, flags.
    Simple,
    /// Glyphs and fine high-contrast marks.
    Text,
    /// Smooth ramps between colours.
    Gradient,
    /// Illustration with many regions and colours.
    Complex,
    /// A photograph or photo-like render.
    Photo,
    /// Hard square cells, no anti-aliasing, possibly enlarged by a whole factor.
    PixelArt,
    /// Strokes of near-constant width on a plain ground.
    LineArt,
}

impl Class {
    /// Every class, in the order of the documentation.
    pub const ALL: [Class; 7] =
        [Class::Simple, Class::Text, Class::Gradient, Class::Complex, Class::Photo, Class::PixelArt, Class::LineArt];

    /// The name as written on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Class::Simple => "simple",
            Class::Text => "text",
            Class::Gradient => "gradient",
            Class::Complex => "complex",
            Class::Photo => "photo",
            Class::PixelArt => "pixel-art",
            Class::LineArt => "line-art",
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Class {
    type Err = crate::Error;

    fn from_str(s: &str) -> crate::Result<Self> {
        Class::ALL.into_iter().find(|c| c.name() == s).ok_or_else(|| {
            crate::Error::new(
                crate::Code::OptionInvalid,
                format!("`{s}` is not a class; they are {}", Class::ALL.map(Class::name).join(", ")),
            )
        })
    }
}

/// What the classifier decided about one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Classification {
    /// The class that routing uses.
    pub class: Class,
    /// How sure the decision is, in [0, 1].
    pub confidence: f64,
    /// The decision in words, with the figures that made it.
    pub reason: String,
    /// What was measured.
    pub features: Features,
}

/// What is measured of a picture before it is classified.
///
/// Shares are in [0, 1]. Colours are compared premultiplied with all four channels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Features {
    /// Longer side of the picture, px.
    pub long_side: u32,
    /// Number of colours left once anti-aliasing blends are taken out, up to 256; transparency is one.
    pub palette_size: u32,
    /// Number of exact colours among the samples, counted up to 65: far more than the palette when edges
    /// are anti-aliased.
    pub exact_colours: u32,
    /// Share of the picture in its most frequent colour.
    pub dominant_share: f64,
    /// Share of the pixels that are no blends in the eight most frequent colours.
    pub top_colours_share: f64,
    /// Share of pixels that are anti-aliasing blends of their neighbours.
    pub antialiased_share: f64,
    /// Share of pixels next to a hard step.
    pub edge_density: f64,
    /// Share of 9 x 9 px windows (5 x 5 px in a picture of up to 128 px) in one flat colour.
    pub flat_share: f64,
    /// Share of 9 x 9 px windows (5 x 5 px in a picture of up to 128 px) that slope smoothly.
    pub smooth_share: f64,
    /// Share of 9 x 9 px windows (5 x 5 px in a picture of up to 128 px) with edges or texture.
    pub busy_share: f64,
    /// In busy windows, share of neighbouring pixels that are alike: high beside edges, low in texture.
    pub quiet_share: f64,
    /// In busy windows, the largest single step over the range (median): high for drawn edges, low for
    /// blurred ones.
    pub edge_sharpness: f64,
    /// Standard deviation of the noise, 8-bit steps.
    pub noise: f64,
    /// Mean of (greatest channel - least channel) / 255 over the visible pixels.
    pub chroma: f64,
    /// Share of pixels that are visible at all.
    pub alpha_coverage: f64,
    /// Share of pixels that are half transparent.
    pub partial_alpha_share: f64,
    /// Whole factor by which the picture was enlarged; 1 when it was not.
    pub upscale_factor: u32,
    /// Number of connected areas of one colour.
    pub region_count: u32,
    /// Share of the picture that differs from the ground.
    pub ink_share: f64,
    /// Number of connected parts of the ink.
    pub component_count: u32,
    /// Share of the ink's parts that stand in a row of three or more of like height.
    pub aligned_share: f64,
    /// The same by area.
    pub aligned_ink_share: f64,
    /// Mean extent of the ink's parts over the longer side, weighted by area.
    pub part_reach: f64,
    /// Mean share of their boxes that the ink's parts fill, weighted by area.
    pub part_fill: f64,
    /// Share of the ink that is narrower than a sixth of the shorter side.
    pub stroke_share: f64,
    /// Median width of that ink, over the shorter side.
    pub stroke_width: f64,
    /// 85th less 15th percentile of that width, over its median.
    pub stroke_spread: f64,
}

/// Classifies `raster`: measures its features, then decides by rules (`docs/classifier.md`).
pub fn classify(raster: &crate::Raster) -> Classification {
    decide(features::measure(raster))
}

/// Most exact colours of enlarged cells, a count: anti-aliasing makes hundreds.
const CELL_COLOURS: u32 = 64;

/// [`classify`] for a picture that was found in an enlargement by the whole factor `enlarged`
/// ([`own_size`](crate::raster::own_size)). Cells of few colours are then pixel art at any size; with more there
/// is anti-aliasing, and the picture is what it was before.
pub fn classify_enlarged(raster: &crate::Raster, enlarged: u32) -> Classification {
    if enlarged == 1 {
        return classify(raster);
    }
    let features = features::measure(raster);
    let cells = features.exact_colours <= CELL_COLOURS;
    decide(Features { upscale_factor: if cells { features.upscale_factor.max(enlarged) } else { 1 }, ..features })
}

/// Decides by rules on features that were measured before.
pub fn decide(features: Features) -> Classification {
    rules::decide(features)
}

#[cfg(test)]
mod tests;
