//! What a container reads from the table once, and again at most every five minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::store::StoreError;

/// How long what was read is good, in seconds. By the clock on the wall: a container's own stands still while nobody
/// asks anything.
const GOOD_SECONDS: i64 = 300;

/// How long reading may take: a visitor is waiting.
const TIME: Duration = Duration::from_secs(2);

/// Values by name. One that cannot be read again stays as it was.
#[derive(Debug)]
pub(crate) struct Cache<T>(Mutex<HashMap<String, Known<T>>>);

#[derive(Debug, Clone)]
struct Known<T> {
    value: T,
    until: i64,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Cache<T> {
    /// The value of that name, read by `read` if it is not known or not good any more. Fails only as long as it was
    /// never read.
    pub(crate) async fn get(
        &self,
        name: &str,
        read: impl AsyncFnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let now = Timestamp::now().as_second();
        let known = self.known(name);
        if let Some(known) = known.as_ref().filter(|known| now < known.until) {
            return Ok(known.value.clone());
        }
        let late = |_| Err(StoreError::Unavailable("no answer in time".into()));
        let value = match (tokio::time::timeout(TIME, read()).await.unwrap_or_else(late), known) {
            (Ok(value), _) => value,
            (Err(error), Some(known)) => {
                tracing::error!(%error, name, "refresh failed, the cached value is used");
                known.value
            }
            (Err(error), None) => return Err(error),
        };
        let known = Known { value: value.clone(), until: now + GOOD_SECONDS };
        self.lock().insert(name.into(), known);
        Ok(value)
    }

    fn known(&self, name: &str) -> Option<Known<T>> {
        self.lock().get(name).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known<T>>> {
        // Nothing in between can leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
