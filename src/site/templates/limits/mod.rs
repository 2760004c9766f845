//! The limits of one render: its time, the text that it makes, and the depth of its
//! values.
//!
//! The engine counts each instruction, and 64 bytes made as one more ("fuel"), but
//! what a value turns into only once it is there: a list that repeats one item a
//! hundred million times is a few bytes until it is printed, and to print a value
//! that contains itself runs through the thread's stack, which ends the process. So
//! the formatter and all that [`register`] registers measure a value first, by
//! the functions below. They also hold the deadline.
//!
//! The engine gives no place to do so for its operators, nor for a value that goes
//! out of use. These are the limits that remain, for the author of a template alone,
//! as measured on one machine:
//!
//! - `[0] * 100000000 ~ ""`: `~` makes text of a lazy list, 4.7 s and 590 MB;
//! - `2 in ([1] * 100000000)`: operators on constants run while the file is compiled,
//!   which nothing counts, 4.5 s;
//! - `==`, `!=`, `<`, `>`, `<=`, `>=` and `in` between lists of lists, 80 ms for a
//!   million items, are counted as one item;
//! - `{% set a, b = [0] * 100000000 %}` puts all items on the stack, 2.4 GB;
//! - `a[1:]` of an `a[1:]`, 2,000 times over, takes 0.3 s, 20,000 times a minute;
//! - a list doubled 40 times in a namespace and compared, 40 s;
//! - a `namespace` that contains itself, printed by `~` or compared with another such,
//!   ends the process;
//! - so does a value 900,000 levels deep when it goes out of use, which takes more
//!   than the default of `fuel`.
//!
//! For the same reason `~` writes the none of a `.get(…)` and an undefined part of a list
//! (`Instruction::StringConcat` of minijinja 3.1, `vm/mod.rs`, calls `ops::string_concat`, which
//! formats both sides with `Display`; the formatter is asked where one of them is safe).
//!
//! Numbers that a visitor chooses come as text, and of that they are at most
//! [`MAX_NUMBER_IN_TEXT`]. The first of these then takes 54 ms and 6 MB, the fourth
//! 24 MB, and a loop over a `range` ends at the deadline. What remains is a template
//! that multiplies two such numbers, or doubles a list for each turn of a `range` of
//! theirs, and does not print it but puts it through an operator.

mod added;
mod checks;
mod filters;
mod guards;
mod in_turn;
mod links;
mod methods;

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use minijinja::{Error, ErrorKind, State, Value, value::ValueKind};

pub(crate) use added::attribute;
pub(crate) use guards::{register, with_defined_args};

/// Levels that a value may have. Handwritten data has a handful.
const MAX_DEPTH: usize = 100;

/// The largest number that `int` and `float` make of text without a `max`. Numbers
/// out of a request come as text, and how far a list is repeated is no small matter.
const MAX_NUMBER_IN_TEXT: f64 = 1e6;

/// Spaces that a line may be indented by.
const MAX_INDENT: usize = 100;

/// Bytes of the names that one render may have loaded or find missing. Each is noted,
/// and a page may look for the same one in a loop.
const MAX_NAME_BYTES: usize = 4 << 20;

/// What a name takes besides its text.
const NAME_BYTES: usize = 64;

/// Bytes that the engine counts as one instruction.
const BYTES_PER_FUEL: u64 = 64;

/// Bytes of text that take one unit of fuel, as the engine has it for what it makes
/// of a whole value.
const SERIALIZED_BYTES_PER_FUEL: u64 = 4;

/// The most bytes that one byte of text becomes in HTML, JSON or a URL: `'` is
/// `&#x27;`.
const MAX_ESCAPED_BYTES: u64 = 6;

/// Shorter text is written without being measured.
const SHORT_TEXT_BYTES: usize = 4096;

/// Bytes between one item and the next: a comma, spaces, quotes.
const SEPARATOR_BYTES: u64 = 8;

/// Calls for which the clock is read once: that costs as much as a short call.
const CALLS_PER_CLOCK_READ: u32 = 16;

/// Why a render ended.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Limit {
    #[error("a value contains itself, or others more than {MAX_DEPTH} deep")]
    Depth,
    #[error("this page takes longer than `templates.render_timeout_secs` allows")]
    Time,
    #[error("a number in text is larger than {max}")]
    NumberInText { max: f64 },
    #[error("this page looks for more files than a page may")]
    Lookups,
    #[error("an indent is wider than {MAX_INDENT} spaces")]
    Indent,
    #[error("a part of this value is undefined")]
    UndefinedPart,
    #[error("`.get(…)` found nothing, and there is nothing to show")]
    NothingFound,
}

impl From<Limit> for Error {
    fn from(limit: Limit) -> Self {
        Self::new(ErrorKind::InvalidOperation, limit.to_string()).with_source(limit)
    }
}

/// Notes that a `.get(…)` of this render gave none.
struct NothingFound;

thread_local! {
    // The engine hands the loader, and an object that is asked for a part, nothing of
    // the render that asks. A render begins and ends on one thread.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static NAMES: Cell<usize> = const { Cell::new(0) };
    static PART_FUEL: Cell<u64> = const { Cell::new(0) };
}

/// Does `work`, in which [`check_time`] fails after `timeout`.
pub(crate) fn within<T>(timeout: Duration, work: impl FnOnce() -> T) -> T {
    /// Takes the deadline away, after a panic too.
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            DEADLINE.set(None);
        }
    }
    let _reset = Reset;
    NAMES.set(0);
    DEADLINE.set(Instant::now().checked_add(timeout));
    work()
}

/// Sets the fuel that the contents of other pages may take together in the render that
/// begins.
pub(crate) fn set_part_fuel(fuel: u64) {
    PART_FUEL.set(fuel);
}

/// What is left of it.
pub(crate) fn part_fuel() -> u64 {
    PART_FUEL.get()
}

/// Whether the deadline has passed; never where there is none.
pub(crate) fn is_late() -> bool {
    DEADLINE.get().is_some_and(|deadline| Instant::now() >= deadline)
}

/// Fails once the deadline has passed.
pub(crate) fn check_time() -> Result<(), Error> {
    if is_late() { Err(Limit::Time.into()) } else { Ok(()) }
}

/// Like [`check_time`], for what is called often and does little: the clock is read
/// at every 16th call.
pub(crate) fn check_time_seldom() -> Result<(), Error> {
    let calls = CALLS.get().wrapping_add(1);
    CALLS.set(calls);
    if calls.is_multiple_of(CALLS_PER_CLOCK_READ) { check_time() } else { Ok(()) }
}

/// Fails where the template `name` may not be looked for any more.
pub(crate) fn check_load(name: &str) -> Result<(), Error> {
    check_time()?;
    let bytes = NAMES.get().saturating_add(name.len() + NAME_BYTES);
    NAMES.set(bytes);
    if bytes > MAX_NAME_BYTES { Err(Limit::Lookups.into()) } else { Ok(()) }
}

/// Fails where `value` may not be written to the page.
pub(crate) fn check_output(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    check_time_seldom()?;
    check_found(state, value)?;
    match value.as_str() {
        Some(text) if text.len() <= SHORT_TEXT_BYTES => Ok(()),
        Some(text) if value.is_safe() => ensure_room(state, text.len() as u64),
        _ => ensure_room(state, Walk::new(state).measure(value)?),
    }
}

/// Fails where `value`, of which text is to be made, is a none that a `.get(…)` may have given.
fn check_found(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.is_none() && state.get_extension::<NothingFound>().is_some() {
        true => Err(Limit::NothingFound.into()),
        false => Ok(()),
    }
}

/// Fails where the rest of the fuel does not pay for `bytes` that are about to be made.
fn ensure_room(state: &State<'_, '_>, bytes: u64) -> Result<(), Error> {
    if bytes >= room(state) { state.consume_fuel(u64::MAX) } else { Ok(()) }
}

fn room(state: &State<'_, '_>) -> u64 {
    state.fuel_levels().map_or(u64::MAX, |(_, left)| left.saturating_mul(BYTES_PER_FUEL))
}

/// Takes the fuel for `bytes` that are read or made.
fn charge_bytes(state: &State<'_, '_>, bytes: u64) -> Result<(), Error> {
    state.consume_fuel(bytes / BYTES_PER_FUEL)
}

/// Takes the fuel for text that was made of a whole value, where the engine does not.
fn charge_serialized(state: &State<'_, '_>, text: &Value) -> Result<(), Error> {
    let bytes = text.as_str().map_or(0, str::len) as u64;
    state.consume_fuel(bytes / SERIALIZED_BYTES_PER_FUEL)
}

/// Takes the fuel for a visit to each item of `value`, and returns how many there are. A
/// lazy list counts by what it would yield.
fn charge_items(state: &State<'_, '_>, value: &Value) -> Result<u64, Error> {
    if let Some(text) = value.as_str() {
        charge_bytes(state, text.len() as u64)?;
        return Ok(text.len() as u64);
    }
    if let Some(len) = value.len() {
        state.consume_fuel(len as u64)?;
        return Ok(len as u64);
    }
    let mut count = 0;
    for item in value.try_iter().into_iter().flat_map(|items| items.checked()) {
        item?;
        check_time_seldom()?;
        state.consume_fuel(1)?;
        count += 1;
    }
    Ok(count)
}

/// A walk through whole values, which fails where one is too deep, or has an undefined part.
///
/// The walk takes fuel, for the items of a list at once: a list that stands twice in
/// another, which stands twice in another, and so on, takes little memory and has no
/// end on paper.
struct Walk<'a, 'template, 'env> {
    state: &'a State<'template, 'env>,
    /// Spaces before a line, for each level.
    indent: usize,
    /// The most bytes that what was seen so far takes as text.
    bytes: u64,
    /// The bytes that the fuel pays for. The walk ends there.
    room: u64,
    /// Whether parts may be undefined.
    allows_undefined: bool,
}

impl<'a, 'template, 'env> Walk<'a, 'template, 'env> {
    fn new(state: &'a State<'template, 'env>) -> Self {
        let room = room(state);
        Self { state, indent: 0, bytes: 0, room, allows_undefined: false }
    }

    fn with_undefined(self) -> Self {
        Self { allows_undefined: true, ..self }
    }

    fn with_indent(self, indent: usize) -> Self {
        Self { indent, ..self }
    }

    /// The most bytes that `value` takes as text.
    fn measure(mut self, value: &Value) -> Result<u64, Error> {
        self.visit(value, MAX_DEPTH)?;
        Ok(self.bytes)
    }

    /// The same for all `values` together.
    fn measure_all(self, values: &[Value]) -> Result<u64, Error> {
        self.measure_results(values.iter().cloned().map(Ok))
    }

    fn measure_results(
        mut self,
        values: impl Iterator<Item = Result<Value, Error>>,
    ) -> Result<u64, Error> {
        for value in values {
            self.visit(&value?, MAX_DEPTH)?;
        }
        Ok(self.bytes)
    }

    fn visit(&mut self, value: &Value, levels: usize) -> Result<(), Error> {
        check_time_seldom()?;
        if value.is_undefined() && levels < MAX_DEPTH && !self.allows_undefined {
            // Says what is undefined, which only the engine knows.
            let named = minijinja::filters::string(self.state, value);
            return Err(match named {
                Err(error) => error.with_source(Limit::UndefinedPart),
                Ok(_) => Limit::UndefinedPart.into(),
            });
        }
        if !matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable) {
            return self.add(scalar_bytes(value, self.room));
        }
        let below = levels.checked_sub(1).ok_or(Limit::Depth)?;
        let len = value.len();
        self.state.consume_fuel(len.unwrap_or(0) as u64)?;
        let item_bytes = SEPARATOR_BYTES + (self.indent * (MAX_DEPTH - below)) as u64;
        self.add(item_bytes)?;
        for item in value.try_iter()?.checked() {
            let item = item?;
            self.state.consume_fuel(u64::from(len.is_none()))?;
            self.add(item_bytes)?;
            if value.kind() == ValueKind::Map {
                self.visit(&value.get_item(&item)?, below)?;
            }
            self.visit(&item, below)?;
        }
        Ok(())
    }

    fn add(&mut self, bytes: u64) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= self.room { self.state.consume_fuel(u64::MAX) } else { Ok(()) }
    }
}

/// The most bytes that a value without parts takes as text. Text with more than `room`
/// counts by its length.
fn scalar_bytes(value: &Value, room: u64) -> u64 {
    if let Some(text) = value.as_str() {
        if text.len() as u64 >= room {
            return room;
        }
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric();
        let plain = text.bytes().filter(is_plain).count() as u64;
        return plain + (text.len() as u64 - plain) * MAX_ESCAPED_BYTES;
    }
    if let Some(bytes) = value.as_bytes() {
        return bytes.len() as u64 * MAX_ESCAPED_BYTES;
    }
    match f64::try_from(value.clone()) {
        // Written with all its zeros, which may be 300.
        Ok(number) if !(1e-7..1e17).contains(&number.abs()) && number != 0.0 => 400,
        // Other objects show their names.
        _ => 64,
    }
}
