//! `cycler` and `joiner`: values that change with each use.
//!
//! Those of `minijinja-contrib` take one list, and show all that they hold when they are
//! printed, which nothing measures: it may be large, or contain the object itself.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Object, ObjectRepr, Rest, ValueOrKwargs, from_args},
};

use crate::site::templates::limits::added;

/// One of several values after the other, from the first again after the last.
#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    at: AtomicUsize,
}

/// `cycler("odd", "even")`, with `next()`, `current` and `reset()`.
pub(crate) fn cycler(items: Rest<Value>) -> Result<Value, Error> {
    if items.is_empty() {
        return Err(Error::new(ErrorKind::MissingArgument, "`cycler` takes at least one value"));
    }
    Ok(Value::from_object(Cycler { items: items.0, at: AtomicUsize::new(0) }))
}

impl Cycler {
    fn current(&self) -> Value {
        let at = self.at.load(Ordering::Relaxed) % self.items.len().max(1);
        self.items.get(at).cloned().unwrap_or_default()
    }
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("current")).then(|| self.current())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let () = from_args(args)?;
        match method {
            "next" => {
                let item = self.current();
                self.at.fetch_add(1, Ordering::Relaxed);
                Ok(item)
            }
            "reset" => {
                self.at.store(0, Ordering::Relaxed);
                Ok("".into())
            }
            _ => Err(ErrorKind::UnknownMethod.into()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cycler")
    }
}

/// Nothing at its first use, and its separator from then on.
#[derive(Debug)]
struct Joiner {
    separator: Value,
    is_used: AtomicBool,
}

/// `joiner(sep=", ")`.
pub(crate) fn joiner(args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let kwargs = added::by_name(args.into_values(), &["sep"])?;
    let separator = kwargs.get::<Option<Value>>("sep")?.unwrap_or_else(|| ", ".into());
    kwargs.assert_all_used()?;
    Ok(Value::from_object(Joiner { separator, is_used: AtomicBool::new(false) }))
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let () = from_args(args)?;
        match self.is_used.swap(true, Ordering::Relaxed) {
            true => Ok(self.separator.clone()),
            false => Ok("".into()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("joiner")
    }
}
