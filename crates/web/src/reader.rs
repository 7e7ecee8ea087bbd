//! The records, as pages and the API ask for them.

use std::sync::{Arc, Mutex, PoisonError};

use casework::Trouble;
use records::{DatabaseError, Place, Reader};

/// Reads the records on a connection of its own, which is made when it is first needed, and anew after a
/// trouble.
#[derive(Clone)]
pub struct Records {
    place: Place,
    reader: Arc<Mutex<Option<Reader>>>,
}

impl Records {
    /// The records at a place.
    #[must_use]
    pub fn new(place: Place) -> Records {
        Records { place, reader: Arc::default() }
    }

    /// The same records on another connection: who asks there waits for nobody who asks here.
    pub(crate) fn apart(&self) -> Records {
        Records::new(self.place.clone())
    }

    /// Asks the reader, on a thread that may wait.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Reader) -> Result<T, DatabaseError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let Records { place, reader } = self.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            let open = match &mut *reader {
                Some(open) => open,
                none @ None => {
                    none.insert(Reader::open(&place).map_err(records::OpenError::into_why)?)
                }
            };
            let answer = question(open);
            if answer.is_err() {
                *reader = None;
            }
            answer
        });
        match asked.await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Trouble::Ending),
        }
    }
}
