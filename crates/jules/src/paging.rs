//! One page of a list. See [`Walk`](platform::walk::Walk) for how a list is read to its end.

/// Where the next page begins. Opaque, and of use only with the same question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageToken(pub String);

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it, in Jules' order.
    pub items: Vec<T>,
    /// The next page; `None` at the end of the list.
    pub next: Option<PageToken>,
    /// Entries that could not be read or are of a kind we do not know, and are not in `items`.
    pub passed_over: usize,
}
