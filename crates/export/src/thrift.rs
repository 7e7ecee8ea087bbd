//! The compact protocol of Apache Thrift, as far as Parquet's metadata needs it: fields in the order of
//! their numbers.

/// The types of fields and of a list's elements.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    I32 = 5,
    Binary = 8,
    Struct = 12,
}

const TRUE: u8 = 1;
const I64: u8 = 6;
const LIST: u8 = 9;

/// A struct that is being written.
#[derive(Debug, Default)]
pub(crate) struct Struct {
    bytes: Vec<u8>,
    /// The number of the last field.
    last: u8,
}

impl Struct {
    pub(crate) fn new() -> Struct {
        Struct::default()
    }

    pub(crate) fn i32(mut self, field: u8, value: i32) -> Struct {
        self.head(field, Type::I32 as u8);
        zigzag(&mut self.bytes, i64::from(value));
        self
    }

    pub(crate) fn yes(mut self, field: u8) -> Struct {
        self.head(field, TRUE);
        self
    }

    pub(crate) fn i64(mut self, field: u8, value: i64) -> Struct {
        self.head(field, I64);
        zigzag(&mut self.bytes, value);
        self
    }

    pub(crate) fn text(mut self, field: u8, value: &str) -> Struct {
        self.head(field, Type::Binary as u8);
        self.bytes.extend(binary(value));
        self
    }

    pub(crate) fn nested(mut self, field: u8, value: Struct) -> Struct {
        self.head(field, Type::Struct as u8);
        self.bytes.extend(value.finish());
        self
    }

    pub(crate) fn list(mut self, field: u8, of: Type, elements: &[Vec<u8>]) -> Struct {
        self.head(field, LIST);
        match u8::try_from(elements.len()) {
            Ok(few @ 0..=14) => self.bytes.push(few << 4 | of as u8),
            _ => {
                self.bytes.push(0xf0 | of as u8);
                varint(&mut self.bytes, elements.len() as u64);
            }
        }
        elements.iter().for_each(|element| self.bytes.extend(element));
        self
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }

    /// Fields follow each other by less than sixteen in all that Parquet has.
    fn head(&mut self, field: u8, of: u8) {
        self.bytes.push((field - self.last) << 4 | of);
        self.last = field;
    }
}

/// A number as an element of a list.
pub(crate) fn number(value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    zigzag(&mut bytes, i64::from(value));
    bytes
}

/// A text as an element of a list.
pub(crate) fn binary(value: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint(&mut bytes, value.len() as u64);
    bytes.extend(value.as_bytes());
    bytes
}

/// Seven bits a byte, the lowest first.
pub(crate) fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn zigzag(bytes: &mut Vec<u8>, value: i64) {
    varint(bytes, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the specification, THRIFT-110.
    #[test]
    fn numbers_are_short() {
        let of = |value| {
            let mut bytes = Vec::new();
            zigzag(&mut bytes, value);
            bytes
        };
        assert_eq!([of(0), of(-1), of(1), of(-2)], [[0], [1], [2], [3]]);
        assert_eq!(of(25), [50]);
        assert_eq!(of(200), [0x90, 0x03]);
        assert_eq!(
            Struct::new().i32(1, 1).text(4, "ab").finish(),
            [0x15, 2, 0x38, 2, b'a', b'b', 0]
        );
    }
}
