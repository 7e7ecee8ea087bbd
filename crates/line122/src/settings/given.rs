use std::collections::BTreeMap;

use config::{ConfigError, Map, Source, Value, ValueKind};

/// A setting given as text, by the environment or by a flag.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The key, such as `sip.realm`.
    pub(crate) key: String,
    /// The value; a list with commas.
    pub(crate) value: String,
    /// The variable or the flag.
    pub(crate) origin: String,
}

/// Settings given as text, as one of the layers.
#[derive(Clone, Debug)]
pub(crate) struct GivenSource(Vec<(String, Value)>);

impl GivenSource {
    /// `defaults` tell which of them are lists.
    pub(crate) fn new(given: Vec<Given>, defaults: &BTreeMap<String, Value>) -> GivenSource {
        let value = |given: &Given| {
            let is_list =
                defaults.get(&given.key).is_some_and(|v| matches!(v.kind, ValueKind::Array(_)));
            if is_list {
                let items = given.value.split(',').map(str::trim).filter(|item| !item.is_empty());
                let items: Vec<Value> =
                    items.map(|item| Value::new(Some(&given.origin), item)).collect();
                Value::new(Some(&given.origin), items)
            } else {
                Value::new(Some(&given.origin), given.value.as_str())
            }
        };
        GivenSource(given.iter().map(|given| (given.key.clone(), value(given))).collect())
    }
}

impl Source for GivenSource {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.iter().cloned().collect())
    }
}
