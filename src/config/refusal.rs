//! Reasons to refuse a value of the configuration, and the part of it that is meant.

/// Why a value was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such key; perhaps this one is meant, from the top level.
    UnknownKey { nearest: Option<Vec<String>> },
    /// What the key takes.
    BadValue { takes: String },
    /// In a table with free keys, an invalid key; with the form of a valid one.
    BadKey { help: &'static str },
    /// A table lacks this key; with what the key takes.
    MissingKey { takes: String },
    /// One of these, for a part of the value, with others that it does not go together with.
    Inside { part: ListPart, others: Vec<ListPart>, refusal: Box<Refusal> },
    /// The value is a list of tables, and not in a file.
    FileOnly { list: String },
}

impl Refusal {
    pub(super) fn inside(self, part: ListPart) -> Self {
        self.inside_with(part, Vec::new())
    }

    pub(super) fn inside_with(self, part: ListPart, others: Vec<ListPart>) -> Self {
        Self::Inside { part, others, refusal: Box::new(self) }
    }
}

/// A part of a list of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListPart {
    /// The key that it belongs to, from the top level.
    pub(super) key: Vec<String>,
    /// The way from the list to it: keys, and indices in decimal.
    pub(super) steps: Vec<String>,
    /// Whether the last step itself is meant, and not what it leads to.
    pub(super) is_key: bool,
}

impl ListPart {
    pub(super) fn of_item(list: &str, idx: usize) -> Self {
        Self { key: vec![list.to_owned()], steps: vec![idx.to_string()], is_key: false }
    }

    /// What has this key in the table that stands here.
    pub(super) fn of_entry(&self, key: &str) -> Self {
        Self { key: join(&self.key, key), ..self.step(key) }
    }

    /// One step further, in what belongs to the same key.
    pub(super) fn step(&self, step: &str) -> Self {
        Self { steps: join(&self.steps, step), ..self.clone() }
    }

    pub(super) fn as_key(&self) -> Self {
        Self { is_key: true, ..self.clone() }
    }
}

/// `path` with one key more.
pub(super) fn join(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}
