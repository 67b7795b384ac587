//! A file of places in the format MMDB, which an operator brings.

use std::fs;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use maxminddb::Reader;
use serde::Deserialize;

use super::countries;
use crate::model::Geo;

/// Largest file that is read into memory, in bytes: those with cities of the whole world have a tenth.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Longest name of a city, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// Why a file of places cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It is not there, or cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It is larger than is read.
    #[error("it has more than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It is no such file, or a broken one.
    #[error("{0}")]
    Broken(#[from] maxminddb::MaxMindDbError),
}

/// Tells one state of a file from the next.
type Stamp = (SystemTime, u64);

/// The file, as it was read last.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    /// Of what was read last.
    seen: Mutex<Option<Stamp>>,
    read: RwLock<Option<Arc<Reader<Vec<u8>>>>>,
}

impl File {
    /// At this path, not read yet.
    pub(super) fn at(path: &str) -> Self {
        Self { path: path.into(), seen: Mutex::default(), read: RwLock::default() }
    }

    /// Where it says that the address is. A record that is broken or of another kind says nothing.
    pub(super) fn place(&self, address: IpAddr) -> Option<Geo> {
        let reader = self.read.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let record: Record<'_> = reader.lookup(address).ok()?.decode().ok()??;
        record.geo()
    }

    /// Reads it again if it is another than before; true when it was. One that is broken is read each
    /// time until it is not: it may have been on its way.
    pub(super) fn renew(&self) -> Result<bool, FileFault> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.path).inspect_err(|_| *seen = None)?;
        if *seen == Some(stamp) {
            return Ok(false);
        }
        let reader = read(&self.path)?;
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(reader));
        *seen = Some(stamp);
        Ok(true)
    }
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    let about = fs::metadata(path)?;
    Ok((about.modified()?, about.len()))
}

/// All of it in memory, so that whoever replaces it pulls nothing away from under a lookup.
fn read(path: &Path) -> Result<Reader<Vec<u8>>, FileFault> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(FileFault::TooLarge);
    }
    Ok(Reader::from_source(bytes)?)
}

/// What of a record is read; files of countries and of cities have the same names for it.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    country: Option<Named<'a>>,
    #[serde(borrow, default)]
    city: Option<Named<'a>>,
    #[serde(borrow, default)]
    subdivisions: Vec<Named<'a>>,
    #[serde(borrow, default)]
    postal: Option<Postal<'a>>,
    #[serde(default)]
    location: Option<Location>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(default)]
    iso_code: Option<&'a str>,
    #[serde(borrow, default)]
    names: Option<Names<'a>>,
}

#[derive(Deserialize)]
struct Names<'a> {
    #[serde(default)]
    en: Option<&'a str>,
}

#[derive(Deserialize)]
struct Postal<'a> {
    #[serde(default)]
    code: Option<&'a str>,
}

#[derive(Deserialize)]
struct Location {
    #[serde(default)]
    latitude: Option<f64>,
    #[serde(default)]
    longitude: Option<f64>,
}

impl Record<'_> {
    /// None without a country, which all else hangs on.
    fn geo(&self) -> Option<Geo> {
        let country = self.country.as_ref()?;
        let code = country.iso_code;
        let name = country.english().or_else(|| countries::name(code?).map(str::to_owned))?;
        let finite = |degrees: Option<f64>| degrees.filter(|degrees| degrees.is_finite());
        Some(Geo {
            country_name: Some(name),
            country_code: code.and_then(short),
            city: self.city.as_ref().and_then(Named::english),
            county: self.subdivisions.first().and_then(Named::english),
            postal: self.postal.as_ref().and_then(|postal| short(postal.code?)),
            latitude: finite(self.location.as_ref().and_then(|at| at.latitude)),
            longitude: finite(self.location.as_ref().and_then(|at| at.longitude)),
            is_of_address: true,
        })
    }
}

impl Named<'_> {
    fn english(&self) -> Option<String> {
        short(self.names.as_ref()?.en?)
    }
}

fn short(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= NAME_BYTES_MAX).then(|| text.to_owned())
}
