//! One figure for how close two pictures are, made of the basic figures.
//!
//! A weighted geometric mean of terms in [0, 1], so that one total failure cannot be averaged away, over
//! the worse of the two grounds. `docs/scoring.md` gives the reasons.

use super::GroundMetrics;

/// Version of the formula; it changes whenever a constant or a term does.
pub const FORMULA: &str = "q1";

/// Mean ΔE₀₀ at which its term has fallen to 1/e: a difference that no one overlooks.
const DELTA_E_MEAN: f64 = 12.0;
/// The same for the 95th percentile, which is a few times the mean in ordinary traces.
const DELTA_E_P95: f64 = 40.0;
/// Mean edge displacement at which its term has fallen to 1/e, px.
const EDGE: f64 = 4.0;
/// Mean alpha error at which its term has fallen to 1/e.
const ALPHA: f64 = 0.1;
/// No term falls below this, so that the product stays comparable between two failures.
const FLOOR: f64 = 1e-3;

/// Weights of luma structure, worst channel's structure, mean ΔE, its 95th percentile, edges and alpha.
const WEIGHTS: [f64; 6] = [0.15, 0.2, 0.25, 0.1, 0.2, 0.1];

/// The quality of `figures` with the alpha error given, in [0, 1]; 1 for identical pictures.
pub(crate) fn quality(white: &GroundMetrics, black: &GroundMetrics, alpha_error: f64) -> f64 {
    of_ground(white, alpha_error).min(of_ground(black, alpha_error))
}

fn of_ground(figures: &GroundMetrics, alpha_error: f64) -> f64 {
    let terms = [
        figures.ssim,
        figures.ssim_channels,
        (-figures.delta_e_mean / DELTA_E_MEAN).exp(),
        (-figures.delta_e_p95 / DELTA_E_P95).exp(),
        (-figures.edge_displacement / EDGE).exp(),
        (-alpha_error / ALPHA).exp(),
    ];
    let log: f64 = terms.iter().zip(WEIGHTS).map(|(term, weight)| weight * term.clamp(FLOOR, 1.0).ln()).sum();
    log.exp()
}

#[cfg(test)]
mod tests {
    use crate::score::{MetricSet, Metrics, Reference, Trust, render};

    /// Side of the test pictures, px.
    const SIDE: u32 = 128;

    fn svg(body: &str) -> String {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}">{body}</svg>"#)
    }

    fn metrics(source: &str, spoiled: &str) -> Metrics {
        let raster = render(svg(source).as_bytes(), SIDE, SIDE, Trust::Own).unwrap();
        Reference::new(&raster, MetricSet::Basic).measure(svg(spoiled).as_bytes(), Trust::Own, None).unwrap()
    }

    fn quality(source: &str, spoiled: &str) -> f64 {
        metrics(source, spoiled).quality
    }

    const GROUND: &str = r##"<rect width="128" height="128" fill="#fff"/>"##;
    const RING: &str = r##"<path fill-rule="evenodd" fill="#124" d="M18 56a38 38 0 1 0 76 0a38 38 0 1 0 -76 0zM40 56a16 16 0 1 0 32 0a16 16 0 1 0 -32 0z"/>"##;
    const BAR: &str = r##"<rect x="30" y="104" width="60" height="12" fill="#c22"/>"##;
    const DOT: &str = r##"<circle cx="108" cy="18" r="6" fill="#e80"/>"##;
    const LINE: &str = r##"<path d="M104 40L112 110" stroke="#063" stroke-width="4"/>"##;

    fn icon() -> String {
        [RING, BAR, DOT, LINE].concat()
    }

    fn polygon(corners: u32) -> String {
        let corner = |i: u32| {
            let angle = f64::from(i) / f64::from(corners) * std::f64::consts::TAU;
            format!("{:.3},{:.3} ", 56.0 + 38.0 * angle.cos(), 56.0 + 38.0 * angle.sin())
        };
        let points: String = (0..corners).map(corner).collect();
        format!(r##"<polygon fill="#124" points="{points}"/><circle cx="56" cy="56" r="16" fill="#fff"/>"##)
    }

    fn bands(n: u32) -> String {
        let band = |i: u32| {
            let v = (f64::from(2 * i + 1) / f64::from(2 * n) * 255.0).round();
            let (x, w) = (f64::from(i * SIDE) / f64::from(n), f64::from(SIDE) / f64::from(n) + 0.5);
            format!(r#"<rect x="{x}" width="{w}" height="128" fill="rgb({v},{v},200)"/>"#)
        };
        (0..n).map(band).collect()
    }

    /// Pictures and ways of spoiling them by degrees, from slight to severe.
    fn ladders() -> Vec<(&'static str, String, Vec<String>)> {
        let icon = icon();
        let moved = |transform: &str| format!(r#"<g transform="{transform}">{icon}</g>"#);
        let recolored = |to: &str| icon.replace("#124", to);
        let faded = |opacity: &str| icon.replace(r##"fill="#124""##, &format!(r##"fill="#124" opacity="{opacity}""##));
        let stroked = |width: &str| icon.replace(r#"stroke-width="4""#, &format!(r#"stroke-width="{width}""#));
        let blurred = |sigma: &str| {
            format!(r#"<filter id="f"><feGaussianBlur stdDeviation="{sigma}"/></filter><g filter="url(#f)">{icon}</g>"#)
        };
        let round =
            r##"<circle cx="56" cy="56" r="38" fill="#124"/><circle cx="56" cy="56" r="16" fill="#fff"/>"##.to_owned();
        let holes = |small: bool, large: bool| {
            let hole =
                |cx: u32, r: u32| format!("M{} 60a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 -{} 0z", cx - r, 2 * r, 2 * r);
            let d = format!(
                "M8 8h112v112h-112z{}{}",
                if small { hole(100, 6) } else { String::new() },
                if large { hole(50, 26) } else { String::new() }
            );
            format!(r##"<path fill-rule="evenodd" fill="#0a5" d="{d}"/>"##)
        };
        let ramp = r##"<linearGradient id="g"><stop stop-color="#0000c8"/><stop offset="1" stop-color="#ffffc8"/></linearGradient><rect width="128" height="128" fill="url(#g)"/>"##;
        vec![
            (
                "shift",
                icon.clone(),
                ["translate(.5)", "translate(1)", "translate(2)", "translate(4)"].map(moved).into(),
            ),
            ("turn", icon.clone(), ["rotate(.5 64 64)", "rotate(2 64 64)", "rotate(6 64 64)"].map(moved).into()),
            ("grow", icon.clone(), ["scale(1.01)", "scale(1.03)", "scale(1.08)"].map(moved).into()),
            ("recolour", icon.clone(), ["#135", "#248", "#48c", "#fc0"].map(recolored).into()),
            (
                "drop",
                icon.clone(),
                vec![
                    icon.replace(DOT, ""),
                    icon.replace(DOT, "").replace(BAR, ""),
                    [BAR, DOT, LINE].concat(),
                    String::new(),
                ],
            ),
            ("fade", icon.clone(), [".95", ".8", ".5", ".1"].map(faded).into()),
            ("stroke", icon.clone(), ["3.6", "2.5", "1", "0"].map(stroked).into()),
            ("blur", icon.clone(), [".5", "1", "2", "5"].map(blurred).into()),
            ("corners", round, [48, 16, 8, 4].map(polygon).into()),
            ("holes", holes(true, true), vec![holes(false, true), holes(true, false), holes(false, false)]),
            ("bands", ramp.into(), [64, 16, 6, 1].map(bands).into()),
            (
                "invention",
                icon.clone(),
                vec![
                    format!(r##"{icon}<circle cx="14" cy="118" r="4" fill="#a0a"/>"##),
                    format!(r##"{icon}<circle cx="20" cy="112" r="14" fill="#a0a"/>"##),
                    format!(r##"{icon}<circle cx="50" cy="70" r="50" fill="#a0a"/>"##),
                ],
            ),
        ]
    }

    #[test]
    fn the_more_spoiled_the_lower() {
        let mut pairs = 0;
        for (name, source, steps) in ladders() {
            for (kind, ground) in [("opaque", GROUND), ("transparent", "")] {
                let source = format!("{ground}{source}");
                let mut last = quality(&source, &source);
                assert_eq!(last, 1.0, "{name}, {kind}: identical");
                let mut row = vec![last];
                for step in &steps {
                    let now = quality(&source, &format!("{ground}{step}"));
                    row.push(now);
                    assert!(now < last, "{name}, {kind}: {row:.4?}");
                    last = now;
                    pairs += 1;
                }
                println!("{name:10} {kind:12} {row:.4?}");
            }
        }
        assert!(pairs >= 40, "{pairs} pairs");
    }

    #[test]
    fn kinds_of_damage_rank_as_the_eye_has_them() {
        let icon = icon();
        let source = format!("{GROUND}{icon}");
        let q = |body: String| quality(&source, &format!("{GROUND}{body}"));
        let half_pixel = q(format!(r#"<g transform="translate(.5)">{icon}</g>"#));
        let slight_color = q(icon.replace("#124", "#152748"));
        let no_dot = q(icon.replace(DOT, ""));
        let no_ring = q([BAR, DOT, LINE].concat());
        let other_color = q(icon.replace("#124", "#fc0"));
        let nothing = q(String::new());
        let inverted = q(r##"<rect width="128" height="128"/>"##.to_owned() + &icon.replace("#124", "#edb"));
        for (name, better, worse) in [
            ("slight colour, no dot", slight_color, no_dot),
            ("half a pixel, no ring", half_pixel, no_ring),
            ("half a pixel, other colour", half_pixel, other_color),
            ("no dot, no ring", no_dot, no_ring),
            ("no dot, other colour", no_dot, other_color),
            ("other colour, nothing", other_color, nothing),
            ("no ring, inverted", no_ring, inverted),
        ] {
            assert!(better > worse, "{name}: {better} {worse}");
        }
        println!(
            "{half_pixel:.3} {slight_color:.3} {no_dot:.3} {no_ring:.3} {other_color:.3} {nothing:.3} {inverted:.3}"
        );
        assert!(half_pixel > 0.8 && slight_color > 0.9 && nothing < 0.4);
    }

    #[test]
    fn colours_of_one_luma_are_told_apart() {
        // Both have a luma of 76: a score of grey pictures would call them identical.
        for shape in
            [r#"<rect width="128" height="128" fill="COLOR"/>"#, r#"<circle cx="64" cy="64" r="50" fill="COLOR"/>"#]
        {
            let source = format!("{GROUND}{}", shape.replace("COLOR", "rgb(255,0,0)"));
            let m = metrics(&source, &format!("{GROUND}{}", shape.replace("COLOR", "rgb(0,80,255)")));
            assert!(m.over_white.ssim > 0.95, "structure of luma cannot see it: {m:?}");
            assert!(m.quality < 0.5, "{shape}: {m:?}");
        }
    }

    #[test]
    fn lost_alpha_is_seen_over_black() {
        let mark = r##"<circle cx="64" cy="64" r="40" fill="#fff"/>"##;
        let m = metrics(mark, GROUND);
        assert_eq!((m.over_white.ssim, m.over_white.delta_e_mean), (1.0, 0.0), "over white nothing is to be seen");
        assert!(m.over_black.ssim < 0.7 && m.over_black.delta_e_mean > 50.0, "{m:?}");
        assert!(m.quality < 0.3 && m.alpha_error > 0.5, "{m:?}");
    }
}
