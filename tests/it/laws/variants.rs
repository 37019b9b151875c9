//! Samples of every variant of an enum.

/// The variants of an enum, and which one a value is. Of a new variant the compiler says that it is
/// missing here, and the check that every one has a sample says that it has none.
macro_rules! variants {
    ($check:ident: $of:ident { $($variant:ident)* }) => {
        fn $check(value: &$of) -> &'static str {
            match value { $($of::$variant { .. } => stringify!($variant)),* }
        }
        impl Variants for $of {
            const ALL: &'static [&'static str] = &[$(stringify!($variant)),*];
            fn variant(&self) -> &'static str { $check(self) }
        }
    };
}
pub(crate) use variants;

pub(crate) trait Variants {
    const ALL: &'static [&'static str];
    fn variant(&self) -> &'static str;
}

/// Every variant has a sample.
pub(crate) fn complete<T: Variants>(samples: Vec<T>) -> Vec<T> {
    let missing: Vec<_> =
        T::ALL.iter().filter(|name| !samples.iter().any(|one| one.variant() == **name)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
    samples
}
