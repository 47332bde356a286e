//! Decompresses gzip and zstd streams.
//!
//! Reads only as much as the caller requests, however much the data expands.

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::FrameDecoderError;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::rc::Rc;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The bytes that any data may expand to.
const FREE: u64 = 256 << 20;

/// The factor by which more data may expand.
const MOST: u64 = 1000;

/// Whether data begins like zstd data.
pub fn is_zstd(data: &[u8]) -> bool {
    data.starts_with(ZSTD)
}

/// The same stream, decompressed if it is compressed.
///
/// # Errors
/// The stream cannot be read.
pub fn decompressed<'r>(mut stream: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
    // A pipe may give fewer bytes at first.
    let mut head = Vec::new();
    (&mut stream).take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let (is_gzip, is_zstd) = (head.starts_with(GZIP), is_zstd(&head));
    let whole = io::Cursor::new(head).chain(stream);
    if !is_gzip && !is_zstd {
        return Ok(Box::new(whole));
    }
    let taken = Rc::new(Cell::new(0));
    let counted = BufReader::new(Counted { inner: whole, taken: Rc::clone(&taken) });
    let (inner, name): (Box<dyn Read>, _) = if is_gzip {
        (Box::new(MultiGzDecoder::new(counted)), "gzip")
    } else {
        (Box::new(Frames { rest: Some(counted), frame: None }), "zstd")
    };
    Ok(Box::new(Expanded { inner, name, taken, given: 0 }))
}

/// Counts the compressed bytes.
struct Counted<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

/// Names the format in errors, and stops if the data expands excessively.
struct Expanded<'r> {
    inner: Box<dyn Read + 'r>,
    name: &'static str,
    taken: Rc<Cell<u64>>,
    given: u64,
}

impl Read for Expanded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let name = self.name;
        let count = self.inner.read(buffer).map_err(|error| {
            let message = match error.kind() {
                ErrorKind::UnexpectedEof => format!("the {name} data is truncated"),
                _ => format!("invalid {name} data: {error}"),
            };
            io::Error::new(ErrorKind::InvalidData, message)
        })?;
        self.given += count as u64;
        if self.given > FREE && self.given / MOST > self.taken.get() {
            let message = format!("the {name} data expands more than {MOST} times");
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        Ok(count)
    }
}

type Frame<R> = StreamingDecoder<R, ruzstd::decoding::FrameDecoder>;

/// The frames of zstd data, one after the other.
struct Frames<R: BufRead> {
    /// The data after the frames so far; in the frame while there is one.
    rest: Option<R>,
    frame: Option<Frame<R>>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                self.rest = self.frame.take().map(StreamingDecoder::into_inner);
            }
            let Some(mut rest) = self.rest.take() else { return Ok(0) };
            if rest.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match StreamingDecoder::new(rest) {
                Ok(frame) => self.frame = Some(frame),
                Err(FrameDecoderError::ReadFrameHeaderError(error)) => {
                    return Err(io::Error::new(ErrorKind::InvalidData, error.to_string()));
                }
                Err(error) => return Err(io::Error::other(error.to_string())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;

    fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut all = Vec::new();
        let stream = decompressed(BufReader::new(bytes)).map_err(|error| error.to_string())?;
        stream.take(1 << 30).read_to_end(&mut all).map_err(|error| error.to_string())?;
        Ok(all)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    #[test]
    fn reads_plain_and_compressed_data() {
        let text = b"{\"id\":\"t\"}\n".repeat(50_000);
        for bytes in [&text[..], &gzip(&text), &zstd(&text)] {
            assert_eq!(read(bytes).unwrap(), text);
        }
        for pack in [gzip, zstd] {
            let twice = [pack(b"a\n"), pack(b"b\n")].concat();
            assert_eq!(read(&twice).unwrap(), b"a\nb\n");
        }
        assert_eq!(read(b"").unwrap(), b"");
        assert_eq!(read(b"{").unwrap(), b"{");
    }

    #[test]
    fn bad_data_is_an_error() {
        let text: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for (pack, name) in [(gzip as fn(&[u8]) -> Vec<u8>, "gzip"), (zstd, "zstd")] {
            let mut bytes = pack(&text);
            let cut = read(&bytes[..bytes.len() / 2]).unwrap_err();
            assert!(cut.contains(name), "{cut}");
            bytes[8..16].fill(0xff);
            assert!(read(&bytes).is_err(), "{name}");
        }
    }

    #[test]
    fn a_bomb_is_an_error() {
        let bomb = zstd(&vec![b' '; usize::try_from(FREE).unwrap() + (8 << 20)]);
        assert!(bomb.len() < 1 << 17, "{}", bomb.len());
        let error = read(&bomb).unwrap_err();
        assert!(error.contains("expands more than 1000 times"), "{error}");
    }
}
