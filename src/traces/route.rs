//! The types that the numbers of a plain trace have after a route to Refinery.
//!
//! A plain trace has integers and floats, but does not say by which route they arrive. Exports and
//! batches imply their route.

use crate::engine::value::with_digits_of;
use crate::engine::{Fields, Trace, Value};
use std::borrow::Cow;

/// Smaller integers have an encoding of one byte, which Refinery reads as signed.
const FIRST_UNSIGNED: i64 = 128;

/// A way to Refinery, by what it does to numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// Integers and floats keep their types, as in OTLP.
    #[default]
    Otlp,
    /// Every number is a float, as in JSON batches and events.
    Json,
    /// Integers from 128 on are unsigned, as compact encoders of msgpack write them.
    Msgpack,
}

impl Route {
    /// The trace as Refinery receives it.
    pub fn carry(self, trace: &Trace) -> Cow<'_, Trace> {
        match self {
            Self::Otlp => Cow::Borrowed(trace),
            Self::Json | Self::Msgpack => {
                Cow::Owned(trace.clone().map(|fields| self.fields(&fields)))
            }
        }
    }

    fn fields(self, fields: &Fields) -> Fields {
        Fields::new(fields.iter().map(|(name, value)| (name, self.value(value))))
    }

    fn value(self, value: &Value) -> Value {
        match (value, self) {
            (Value::List(items), _) => {
                Value::List(items.iter().map(|item| self.value(item)).collect())
            }
            (Value::Map(fields), _) => Value::Map(self.fields(fields)),
            #[allow(clippy::cast_precision_loss, reason = "as in JSON")]
            (Value::Int(n), Self::Json) => Value::Float(*n as f64),
            #[allow(clippy::cast_precision_loss, reason = "as in JSON")]
            (Value::Uint(n), Self::Json) => Value::Float(*n as f64),
            (Value::Float32(n), Self::Json) => Value::Float(with_digits_of(*n)),
            (Value::Int(n), Self::Msgpack) if *n >= FIRST_UNSIGNED => Value::Uint(n.unsigned_abs()),
            (other, _) => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_types_of_the_route() {
        let nested = Value::Map(Fields::new([("n".to_owned(), Value::Int(7))]));
        let fields = Fields::new([
            ("a".to_owned(), Value::Int(5)),
            ("b".to_owned(), Value::Int(127)),
            ("d".to_owned(), Value::Int(500)),
            ("e".to_owned(), Value::Float32(0.1)),
            ("c".to_owned(), Value::List(vec![nested])),
        ]);
        let mut trace = Trace::new("t");
        trace.push(Fields::default());
        trace.push_root(fields);
        let text = |route: Route| {
            let carried = route.carry(&trace);
            assert_eq!(carried.id, "t");
            assert_eq!(carried.spans()[1], *carried.root().unwrap());
            format!("{:?}", carried.root().unwrap().iter().collect::<Vec<_>>())
        };
        assert_eq!(*Route::Otlp.carry(&trace), trace);
        assert!(
            text(Route::Json).contains("Float(5.0)") && text(Route::Json).contains("Float(7.0)")
        );
        assert!(text(Route::Json).contains("Float(0.1)"), "{}", text(Route::Json));
        let packed = text(Route::Msgpack);
        assert!(packed.contains("Float32(0.1)"), "{packed}");
        assert!(packed.contains("Uint(500)") && packed.contains("Int(127)"), "{packed}");
    }
}
