//! The header `traceparent`, as W3C's Trace Context says it.

/// The span of somebody else that ours are children of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
    /// Whether they record it.
    pub(super) is_sampled: bool,
}

impl Parent {
    /// `00-TRACE-SPAN-FLAGS`, each in small hexadecimal digits. Later versions may say more behind it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let [version] = digits(parts.next()?)?;
        let (trace, span) = (digits(parts.next()?)?, digits(parts.next()?)?);
        let [flags] = digits(parts.next()?)?;
        let is_whole = version != 0 || parts.next().is_none();
        let is_good = version != 0xff && is_whole && trace != [0; 16] && span != [0; 8];
        is_good.then_some(Self { trace, span, is_sampled: flags & 1 == 1 })
    }
}

fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        0..=47 | 58..=96 | 103.. => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn what_callers_say_is_read() {
        let parent = Parent::read(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!(parent.trace[..3], [0x4b, 0xf9, 0x2f]);
        assert_eq!(parent.span[6..], [0x02, 0xb7]);
        assert!(parent.is_sampled);
        assert!(!Parent::read(&format!("00-{TRACE}-{SPAN}-00")).unwrap().is_sampled);
        assert!(Parent::read(&format!("01-{TRACE}-{SPAN}-03-later")).unwrap().is_sampled);
    }

    #[test]
    fn what_is_none_is_as_nothing() {
        for wrong in [
            String::new(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}é-{SPAN}-01"),
        ] {
            assert_eq!(Parent::read(&wrong), None, "{wrong}");
        }
    }
}
