use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;

use crate::database::{DatabaseError, Place, Trouble};

/// Makes the folder and holds it for this program until the file is closed.
pub(crate) fn claim(place: &Place) -> Result<File, DatabaseError> {
    let failed = |error: io::Error| DatabaseError::new(Trouble::Failing, error);
    // Who called a medical line is nobody's business but the service's.
    DirBuilder::new().recursive(true).mode(0o700).create(&place.folder).map_err(failed)?;
    let folder = File::open(&place.folder).map_err(failed)?;
    folder
        .try_lock()
        .map_err(|_| DatabaseError::new(Trouble::Taken, "another program works with the folder"))?;
    Ok(folder)
}
