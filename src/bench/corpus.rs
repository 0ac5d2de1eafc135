//! The images of a bench: a folder, or the built-in generated set.

use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::batch::{Filter, Naming, discover, plan};
use crate::classify::Class;
use crate::generate;
use crate::pipeline::Job;
use crate::{Code, Error, Result};

/// A set of images with the outputs they will have, in a folder that goes away with it.
#[derive(Debug)]
pub struct Corpus {
    /// What to convert.
    pub jobs: Vec<Job>,
    /// Digest of names and bytes.
    pub digest: String,
    folder: TempDir,
}

/// Seed of the first image of the built-in set.
const FIRST_SEED: u64 = 9_000_000;

impl Corpus {
    /// The images under `dir`.
    ///
    /// # Errors
    /// [`Code::InputNotFound`] when there are none; what [`plan`] refuses.
    pub fn from_folder(dir: &Path) -> Result<Self> {
        if !dir.exists() {
            return Err(Error::new(Code::InputNotFound, "no such folder").at(dir));
        }
        let folder = temporary()?;
        let found = discover(&[dir.to_path_buf()], &Filter::new(&[], &[], true, None)?);
        if found.files.is_empty() {
            return Err(Error::new(Code::InputNotFound, "there are no images in it").at(dir));
        }
        let jobs = plan(&found.files, &folder.path().join("svg"), Naming::Append)?;
        Self::new(jobs, folder)
    }

    /// `samples` generated images of each class with `side` px on the longer side, every second one
    /// with a transparent ground; the same on every machine.
    ///
    /// # Errors
    /// [`Code::OutputUnwritable`] when there is no room for them.
    pub fn generated(samples: u32, side: u32) -> Result<Self> {
        let folder = temporary()?;
        let mut jobs = Vec::new();
        for class in Class::ALL {
            for i in 0..samples {
                let options = generate::Options { side, alpha: i % 2 == 1, ..Default::default() };
                let sample = generate::sample(class, FIRST_SEED + u64::from(i), &options);
                let input = folder.path().join(format!("{class}-{i:03}.png"));
                let mut png = Vec::new();
                let r = &sample.raster;
                PngEncoder::new(&mut png)
                    .write_image(r.as_bytes(), r.width(), r.height(), ExtendedColorType::Rgba8)
                    .map_err(|e| Error::new(Code::OutputUnwritable, e.to_string()).at(&input))?;
                std::fs::write(&input, png)
                    .map_err(|e| Error::new(Code::OutputUnwritable, e.to_string()).at(&input))?;
                jobs.push(Job { output: Some(folder.path().join("svg").join(format!("{class}-{i:03}.svg"))), input });
            }
        }
        Self::new(jobs, folder)
    }

    fn new(jobs: Vec<Job>, folder: TempDir) -> Result<Self> {
        let mut hash = Sha256::new();
        for job in &jobs {
            // The path differs between runs of the generated set; the name and the bytes do not.
            hash.update(job.input.file_name().unwrap_or_default().as_encoded_bytes());
            hash.update(std::fs::read(&job.input).unwrap_or_default());
        }
        let digest = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Ok(Self { jobs, digest, folder })
    }

    /// A folder for files of the bench itself.
    pub(super) fn scratch(&self) -> PathBuf {
        self.folder.path().join("other")
    }
}

fn temporary() -> Result<TempDir> {
    TempDir::new().map_err(|e| Error::new(Code::OutputUnwritable, format!("no temporary folder: {e}")))
}
