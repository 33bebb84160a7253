//! The bytes of a file as UTF-8, whatever they were written as.

use std::io::{BufReader, Chain, Cursor, Error, ErrorKind, Read, Result};

use flate2::bufread::MultiGzDecoder;

/// How much is looked at to recognise a format.
const HEAD: usize = 64 << 10;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A decoded text whose beginning has been read already.
pub struct Stream<'a> {
    head: Vec<u8>,
    rest: Box<dyn Read + 'a>,
}

impl<'a> Stream<'a> {
    /// Unpacks gzip and decodes UTF-16 where it says what it is in its first bytes.
    ///
    /// # Errors
    /// When the beginning cannot be read or unpacked.
    pub fn new(raw: impl Read + 'a) -> Result<Self> {
        let (head, raw) = peek(raw, GZIP.len())?;
        let unpacked: Box<dyn Read + 'a> = if head == GZIP {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 18, raw)))
        } else {
            Box::new(raw)
        };
        let (mark, unpacked) = peek(unpacked, UTF8_MARK.len())?;
        let mut decoded: Box<dyn Read + 'a> = match mark.as_slice() {
            [0xff, 0xfe, ..] => Box::new(Utf16::new(unpacked, u16::from_le_bytes)),
            [0xfe, 0xff, ..] => Box::new(Utf16::new(unpacked, u16::from_be_bytes)),
            _ => Box::new(unpacked),
        };
        if mark == UTF8_MARK {
            decoded.read_exact(&mut [0; UTF8_MARK.len()])?;
        }
        let mut head = Vec::with_capacity(HEAD);
        Read::by_ref(&mut decoded).take(HEAD as u64).read_to_end(&mut head)?;
        Ok(Self { head, rest: decoded })
    }

    /// The beginning of the text.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Everything, from the beginning.
    pub fn into_reader(self) -> Chain<Cursor<Vec<u8>>, Box<dyn Read + 'a>> {
        Cursor::new(self.head).chain(self.rest)
    }
}

/// A whole text of at most so many bytes.
///
/// # Errors
/// When it cannot be read, is larger, or is not UTF-8 once decoded.
pub fn decoded_text(raw: impl Read, most: u64) -> Result<String> {
    let mut text = String::new();
    Stream::new(raw)?.into_reader().take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("larger than {} MiB", most >> 20)));
    }
    Ok(text)
}

/// A reader whose first bytes have been looked at.
type Replayed<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes, and a reader that still has them.
fn peek<R: Read>(mut reader: R, count: usize) -> Result<(Vec<u8>, Replayed<R>)> {
    let mut head = Vec::with_capacity(count);
    reader.by_ref().take(count as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// Decodes UTF-16 as it is read; the mark at the beginning is left out.
struct Utf16<R> {
    inner: BufReader<R>,
    unit: fn([u8; 2]) -> u16,
    /// Decoded bytes that did not fit yet.
    pending: Vec<u8>,
    begun: bool,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { inner: BufReader::new(inner), unit, pending: Vec::new(), begun: false }
    }

    /// The next code unit; nothing at the end.
    fn unit(&mut self) -> Result<Option<u16>> {
        let mut bytes = [0; 2];
        if self.inner.read(&mut bytes[..1])? == 0 {
            Ok(None)
        } else {
            self.inner.read_exact(&mut bytes[1..])?;
            Ok(Some((self.unit)(bytes)))
        }
    }

    fn character(&mut self) -> Result<Option<char>> {
        let Some(first) = self.unit()? else { return Ok(None) };
        let low = if (0xd800..0xdc00).contains(&first) { self.unit()? } else { None };
        let mut decoded = char::decode_utf16([first].into_iter().chain(low));
        match decoded.next() {
            Some(Ok(character)) => Ok(Some(character)),
            _ => Err(Error::new(ErrorKind::InvalidData, "not UTF-16")),
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.pending.len() < buffer.len() {
            let Some(character) = self.character()? else { break };
            if self.begun || character != '\u{feff}' {
                self.pending.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            self.begun = true;
        }
        let count = self.pending.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.pending[..count]);
        self.pending.drain(..count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn decoded(raw: &[u8]) -> Result<String> {
        let mut text = String::new();
        Stream::new(raw)?.into_reader().read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "p95_ms,Zürich 🚀\n".repeat(9000);
        let utf16 = |bytes: fn(u16) -> [u8; 2]| {
            ("\u{feff}".to_owned() + &text).encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
        };
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        for raw in [
            text.clone().into_bytes(),
            [UTF8_MARK.as_slice(), text.as_bytes()].concat(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
            packed.clone(),
        ] {
            assert_eq!(decoded(&raw).unwrap(), text);
        }
        assert_eq!(decoded(&packed[..packed.len() - 9]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(decoded(&[0xff, 0xfe, 0x41]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(decoded(b"").unwrap(), "");
    }
}
