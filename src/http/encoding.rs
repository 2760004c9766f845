//! Content codings, and the choice among them (RFC 9110, 12.5.3).

use super::{
    grammar::parse_qvalue,
    headers::{Headers, list_members},
};

/// A content coding that this server can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// The codings proper, by how small they make what may take its time.
    pub const COMPRESSED: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// The value of `Content-Encoding`, which identity has none of (RFC 9110, 8.4).
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The coding to send, of identity and those in `available`: the one with the
/// highest weight, and among equals the first in `available`, and identity last.
///
/// Without the field any coding would do, and identity is sent, because what sends
/// no field most often decodes nothing. Where no coding is acceptable, "the origin
/// server SHOULD send a response without any content coding"; the same is done
/// where identity is refused too, since a page that the client may yet read is
/// better than a 406 (RFC 9110, 12.1, lets the server disregard the field).
///
/// Members that break the grammar are ignored. Of a coding that is named twice the
/// lower weight counts, so that nothing is sent that some member refuses.
pub fn negotiate(headers: Headers<'_>, available: &[Coding]) -> Coding {
    let mut weights = Weights::default();
    let lines = headers.get_all("accept-encoding");
    for (name, weight) in lines.flat_map(list_members).filter_map(parse_member) {
        weights.note(name, weight);
    }
    // An identity that is not named is acceptable, but less welcome than any
    // coding that is named.
    let mut best = (Coding::Identity, weights.of(Coding::Identity));
    for &coding in available.iter().rev() {
        let weight = weights.of(coding);
        if coding != Coding::Identity && weight > 0 && weight >= best.1 {
            best = (coding, weight);
        }
    }
    best.0
}

/// The client's weight of each coding, in thousandths.
#[derive(Default)]
struct Weights {
    identity: Option<u16>,
    gzip: Option<u16>,
    zstd: Option<u16>,
    brotli: Option<u16>,
    /// `*`, which means each coding that is not named.
    others: Option<u16>,
}

impl Weights {
    fn note(&mut self, name: &[u8], weight: u16) {
        let is = |token: &str| name.eq_ignore_ascii_case(token.as_bytes());
        let slot = match () {
            () if is("identity") => &mut self.identity,
            // RFC 9110, 8.4.1.3: "x-gzip" is equivalent to "gzip".
            () if is("gzip") || is("x-gzip") => &mut self.gzip,
            () if is("zstd") => &mut self.zstd,
            () if is("br") => &mut self.brotli,
            () if name == b"*" => &mut self.others,
            () => return,
        };
        *slot = Some(slot.map_or(weight, |other| other.min(weight)));
    }

    /// The weight of `coding`; 0 where it is refused, or not named.
    fn of(&self, coding: Coding) -> u16 {
        let named = match coding {
            Coding::Identity => self.identity,
            Coding::Gzip => self.gzip,
            Coding::Zstd => self.zstd,
            Coding::Brotli => self.brotli,
        };
        named.or(self.others).unwrap_or(0)
    }
}

/// `codings [ OWS ";" OWS "q=" qvalue ]`, the weight in thousandths.
fn parse_member(member: &[u8]) -> Option<(&[u8], u16)> {
    let Some(semicolon) = member.iter().position(|&byte| byte == b';') else {
        return Some((member, 1000));
    };
    let (name, parameter) = member.split_at(semicolon);
    let [b';', parameter @ ..] = parameter else { return None };
    let [b'q' | b'Q', b'=', qvalue @ ..] = parameter.trim_ascii() else { return None };
    Some((name.trim_ascii(), parse_qvalue(qvalue)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Coding::{Brotli, Gzip, Identity, Zstd};

    const ALL: &[Coding] = &[Brotli, Zstd, Gzip, Identity];

    fn chosen(lines: &[&str], available: &[Coding]) -> Coding {
        let fields: Vec<_> = lines
            .iter()
            .map(|value| httparse::Header { name: "Accept-Encoding", value: value.as_bytes() })
            .collect();
        negotiate(Headers::new(&fields), available)
    }

    #[test]
    fn takes_the_examples_of_the_rfc() {
        // RFC 9110, 12.5.3
        for (value, available, expected) in [
            ("compress, gzip", ALL, Gzip),
            ("", ALL, Identity),
            ("*", ALL, Brotli),
            ("compress;q=0.5, gzip;q=1.0", ALL, Gzip),
            ("gzip;q=1.0, identity; q=0.5, *;q=0", ALL, Gzip),
            ("gzip;q=1.0, identity; q=0.5, *;q=0", &[Brotli], Identity),
        ] {
            assert_eq!(chosen(&[value], available), expected, "{value}");
        }
        assert_eq!(chosen(&[], ALL), Identity);
    }

    #[test]
    fn takes_the_highest_weight_and_then_the_best_coding() {
        for (value, expected) in [
            ("gzip, deflate, br, zstd", Brotli),
            ("gzip, deflate, zstd", Zstd),
            ("gzip;q=0.9, br;q=0.8", Gzip),
            ("gzip;q=0.5, *;q=0.8", Brotli),
            ("br;q=0.5, zstd;q=0.5, gzip;q=0.5", Brotli),
            ("gzip;q=0.001", Gzip),
            ("gzip;q=0.5, identity", Identity),
            ("gzip;q=0.5, identity;q=0.5", Gzip),
            ("identity, *;q=0.5", Identity),
            ("GZIP", Gzip),
            ("x-gzip", Gzip),
            ("BR;Q=0.1", Brotli),
            ("gzip \t;\t q=1.000", Gzip),
            ("deflate", Identity),
        ] {
            assert_eq!(chosen(&[value], ALL), expected, "{value}");
        }
        assert_eq!(chosen(&["gzip", "br"], ALL), Brotli);
        assert_eq!(chosen(&["gzip;q=0.5", "br;q=0.4"], ALL), Gzip);
    }

    #[test]
    fn sends_only_what_there_is() {
        for (available, expected) in [
            (&[][..], Identity),
            (&[Gzip], Gzip),
            (&[Zstd, Gzip], Zstd),
            (&[Gzip, Zstd], Gzip),
            (&[Identity], Identity),
        ] {
            assert_eq!(chosen(&["br, zstd, gzip"], available), expected, "{available:?}");
        }
    }

    #[test]
    fn a_weight_of_zero_refuses() {
        for (value, expected) in [
            ("gzip;q=0", Identity),
            ("br;q=0, gzip", Gzip),
            ("br;q=0.000, *", Zstd),
            ("*;q=0, gzip", Gzip),
            ("gzip;q=0, gzip;q=1", Identity),
            ("gzip;q=1, x-gzip;q=0", Identity),
            ("identity;q=0, gzip", Gzip),
            ("identity;q=0, *", Brotli),
            // Nothing is left; a page in identity is better than none.
            ("identity;q=0", Identity),
            ("*;q=0", Identity),
            ("identity;q=0, br;q=0, gzip;q=0, zstd;q=0", Identity),
        ] {
            assert_eq!(chosen(&[value], ALL), expected, "{value}");
        }
    }

    #[test]
    fn ignores_malformed_members() {
        for value in [
            "gzip;q=1.1",
            "gzip;q=2",
            "gzip;q=-1",
            "gzip;q=+1",
            "gzip;q=.5",
            "gzip;q=0.a",
            "gzip;q=0.-1",
            "gzip;q=0.1234",
            "gzip;q=1.0000",
            "gzip;q=",
            "gzip;q",
            "gzip;",
            "gzip;x=1",
            "gzip;q=1;x=1",
            "gzip;q = 1",
            "gzip;q= 1",
            "gzip;q=a",
            "gzip q=1",
            "g zip",
            "\"gzip\"",
            ";q=1",
            "*gzip",
            "gz\u{131}p",
        ] {
            assert_eq!(chosen(&[value], ALL), Identity, "{value}");
            assert_eq!(chosen(&[&format!("{value}, br;q=0.1")], ALL), Brotli, "{value}");
        }
    }
}
