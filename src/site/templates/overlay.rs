//! A map of values with some of its keys set anew.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

/// What names of the program's own begin with, which no template is told of.
const UNLISTED: &str = "__";

/// The map `outer`, but for the keys of `own`.
pub(crate) fn overlay<'k>(outer: Value, own: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    let own = own.into_iter().map(|(key, value)| (key.into(), value)).collect();
    Value::from_object(Overlay { outer, own })
}

#[derive(Debug)]
struct Overlay {
    outer: Value,
    /// A handful.
    own: Vec<(Box<str>, Value)>,
}

impl Overlay {
    fn own(&self, key: &str) -> Option<&Value> {
        self.own.iter().find(|(own, _)| **own == *key).map(|(_, value)| value)
    }
}

impl Object for Overlay {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let outer = || self.outer.get_attr(key).ok().filter(|value| !value.is_undefined());
        self.own(key).cloned().or_else(outer)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let mut keys: Vec<Value> = self.outer.try_iter().into_iter().flatten().collect();
        for (key, _) in self.own.iter().filter(|(key, _)| !key.starts_with(UNLISTED)) {
            if !keys.iter().any(|known| known.as_str() == Some(key)) {
                keys.push(Value::from(&**key));
            }
        }
        Enumerator::Values(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_keys_lie_over_those_of_the_map() {
        let outer = Value::from_pairs([("a", 1), ("b", 2)]);
        let value = overlay(outer, [("b", 3.into()), ("c", 4.into()), ("__d", 5.into())]);
        for (key, expected) in [("a", 1), ("b", 3), ("c", 4), ("__d", 5)] {
            assert_eq!(value.get_attr(key).unwrap(), Value::from(expected), "{key}");
        }
        assert!(value.get_attr("e").unwrap().is_undefined());
        let keys: Vec<String> = value.try_iter().unwrap().map(|key| key.to_string()).collect();
        assert_eq!(keys, ["a", "b", "c"]);
    }
}
