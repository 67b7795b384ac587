//! Where an address is: by the operator's file, else by what the registries have allotted.

use std::net::IpAddr;

use super::countries;
use super::file::{File, FileFault};
use crate::config::EnrichmentConfig;
use crate::model::Geo;

/// Where addresses are. Without a file it is the country, as the internet registries have allotted
/// the address: coarse, and in the program.
#[derive(Debug)]
pub struct Places {
    is_on: bool,
    file: Option<File>,
}

impl Places {
    /// As the settings say. A file is read by [`Places::renew`], so that a broken one keeps nobody from
    /// starting.
    #[must_use]
    pub fn new(config: &EnrichmentConfig) -> Self {
        let path = config.places_file.as_str();
        Self { is_on: config.places, file: (!path.is_empty()).then(|| File::at(path)) }
    }

    /// Where the address is; none where nobody knows, as of addresses in a house.
    #[must_use]
    pub fn of(&self, address: &str) -> Option<Geo> {
        let address: IpAddr = address.parse().ok().filter(|_| self.is_on)?;
        let address = address.to_canonical();
        self.file.as_ref().and_then(|file| file.place(address)).or_else(|| allotted(address))
    }

    /// Reads the file again if it is another than before; true when it was.
    ///
    /// # Errors
    /// What is wrong with it. What was read before goes on being used.
    pub fn renew(&self) -> Result<bool, FileFault> {
        self.file.as_ref().filter(|_| self.is_on).map_or(Ok(false), File::renew)
    }

    /// Whether there is a file to be read.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.is_on && self.file.is_some()
    }
}

/// The country that an address was allotted to; the registries' `EU` and the like are none.
fn allotted(address: IpAddr) -> Option<Geo> {
    let code = iptocc::country_code(address)?;
    let name = countries::name(code)?;
    Some(Geo {
        country_name: Some(name.to_owned()),
        country_code: Some(code.to_owned()),
        is_of_address: true,
        ..Geo::default()
    })
}
