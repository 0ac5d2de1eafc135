//! temp
#![allow(missing_docs, clippy::all)]
use svg_ai::classify::Class;
use svg_ai::raster::{Limits, decode};
use svg_ai::trace::{Budget, Engine, contour::Contour};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let d = decode(&std::fs::read(&a[1]).unwrap(), &Limits::default()).unwrap();
    let p = if a[2] == "fast" { Contour.fast_preset(Class::Simple) } else { Contour.preset(Class::Simple) };
    let t = Contour.trace(&d.raster, &p, &Budget::unlimited());
    println!("{:?}", t.map(|d| d.shapes.len()).map_err(|e| e.to_string()));
}
