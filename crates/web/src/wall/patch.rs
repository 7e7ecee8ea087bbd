//! What makes one picture of another: merge patches (RFC 7396).
//!
//! A picture holds no null, so that null in a patch always means that something is gone. Lists are
//! replaced whole: what changes often is kept in objects, by its id.

use serde_json::{Map, Value};

/// The patch that makes `new` of `old`; none if they are the same.
pub(crate) fn patch(old: &Value, new: &Value) -> Option<Value> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let gone = old.keys().filter(|key| !new.contains_key(*key));
            let mut changes: Map<String, Value> =
                gone.map(|key| (key.clone(), Value::Null)).collect();
            for (key, value) in new {
                let change = match old.get(key) {
                    Some(before) => patch(before, value),
                    None => Some(value.clone()),
                };
                changes.extend(change.map(|change| (key.clone(), change)));
            }
            (!changes.is_empty()).then_some(Value::Object(changes))
        }
        (old, new) => (old != new).then(|| new.clone()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// As RFC 7396 §2 says it, and as the page does it.
    pub(crate) fn apply(target: &mut Value, patch: &Value) {
        let Value::Object(patch) = patch else {
            *target = patch.clone();
            return;
        };
        if !target.is_object() {
            *target = json!({});
        }
        let Value::Object(target) = target else { return };
        for (key, change) in patch {
            if change.is_null() {
                target.remove(key);
            } else {
                apply(target.entry(key.clone()).or_insert(Value::Null), change);
            }
        }
    }

    /// Pictures: few keys, so that two of them have some in common.
    fn picture() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..4_u32).prop_map(Value::from),
            "[ab]{0,2}".prop_map(Value::from),
            prop::collection::vec((0..3_u32).prop_map(Value::from), 0..3).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop::collection::btree_map("[a-e]", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn a_picture_with_its_patch_is_the_next_picture(old in picture(), new in picture()) {
            let mut shown = old.clone();
            match patch(&old, &new) {
                Some(patch) => apply(&mut shown, &patch),
                None => prop_assert_eq!(&old, &new),
            }
            prop_assert_eq!(shown, new);
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let old =
            json!({ "agents": { "201": { "state": "free", "since": 1 }, "202": {} }, "n": 1 });
        let new = json!({ "agents": { "201": { "state": "busy", "since": 1 } }, "n": 1 });
        let told = json!({ "agents": { "201": { "state": "busy" }, "202": null } });
        assert_eq!(patch(&old, &new), Some(told));
        assert_eq!(patch(&new, &new), None);
    }
}
