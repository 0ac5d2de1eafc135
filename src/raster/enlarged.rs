//! Pixels that were repeated, taken back to their own size.

use super::Raster;

/// Fewest columns and rows at which something changes, a count: with fewer, a plain drawing lies on some lattice
/// by chance, as the stripes of a flag do.
const LEAST_PLACES: usize = 7;

/// The picture that `raster` was before each of its pixels was repeated, and how often along each side; `None`
/// when it is no such enlargement by a whole number.
pub fn own_size(raster: &Raster) -> Option<(Raster, u32)> {
    let (factor, places) = lattice(raster)?;
    if places < LEAST_PLACES { None } else { Some((reduced(raster, factor)?, factor as u32)) }
}

/// The same for a picture that is known to be made of cells: any lattice will do, that of a flag too.
pub(crate) fn fewest_cells(raster: &Raster) -> Option<Raster> {
    lattice(raster).and_then(|(factor, _)| reduced(raster, factor))
}

/// Side of the largest cells that `raster` is made of, px, and the number of columns and rows at which something
/// changes; `None` when they are single pixels.
fn lattice(raster: &Raster) -> Option<(usize, usize)> {
    let (w, h) = (raster.width() as usize, raster.height() as usize);
    let rows = || raster.pixels().chunks_exact(w);
    // Every change must be on the lattice: nearly all pictures are through with this at their first edge.
    let mut factor = gcd(w, h);
    if factor == 1 {
        return None;
    }
    let mut columns = vec![false; w];
    for row in rows() {
        for x in 1..w {
            if row[x] != row[x - 1] && !columns[x] {
                columns[x] = true;
                factor = gcd(factor, x);
                if factor == 1 {
                    return None;
                }
            }
        }
    }
    let mut places = columns.iter().filter(|c| **c).count();
    for (y, (above, row)) in rows().zip(rows().skip(1)).enumerate() {
        if above != row {
            places += 1;
            factor = gcd(factor, y + 1);
            if factor == 1 {
                return None;
            }
        }
    }
    Some((factor, places))
}

/// One pixel for each cell of `factor` px.
fn reduced(raster: &Raster, factor: usize) -> Option<Raster> {
    let (w, h) = (raster.width() as usize, raster.height() as usize);
    let rows = raster.pixels().chunks_exact(w).step_by(factor);
    let data = rows.flat_map(|row| row.iter().step_by(factor)).flatten().copied().collect();
    Raster::new((w / factor) as u32, (h / factor) as u32, data).ok()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(w: u32, h: u32, pixel: impl Fn(u32, u32) -> u8) -> Raster {
        let data = (0..w * h).flat_map(|i| [pixel(i % w, i / w), 10, 20, 255]).collect();
        Raster::new(w, h, data).unwrap()
    }

    #[test]
    fn an_enlargement_is_taken_back_and_anything_else_is_left() {
        let mut random = fastrand::Rng::with_seed(3);
        let cells: Vec<u8> = (0..12 * 9).map(|_| random.u8(..)).collect();
        let own = picture(12, 9, |x, y| cells[(y * 12 + x) as usize]);
        for factor in 2..=5 {
            let large = picture(12 * factor, 9 * factor, |x, y| cells[(y / factor * 12 + x / factor) as usize]);
            assert_eq!(own_size(&large), Some((own.clone(), factor)));
            // One pixel off the lattice is enough.
            let off =
                |x, y| if (x, y) == (7 * factor + 1, 3) { 255 - large.pixel(x, y)[0] } else { large.pixel(x, y)[0] };
            assert_eq!(own_size(&picture(12 * factor, 9 * factor, off)), None);
        }
        assert_eq!(own_size(&own), None);
        // Three stripes lie on many lattices.
        assert_eq!(own_size(&picture(30, 18, |_, y| [200, 100, 0][(y / 6) as usize])), None);
        assert_eq!(own_size(&picture(8, 8, |_, _| 7)), None);
    }
}
