//! The QR code of a URL, drawn on a terminal with half blocks.
//!
//! Draws light modules as blocks, so that the picture is right on a dark terminal without
//! colours, and on every terminal with them.

use std::{
    ffi::{OsStr, OsString},
    os::fd::AsFd,
};

use qrcode::{Color, EcLevel, QrCode};
use rustix::termios::tcgetwinsize;

/// Modules of light around the code (ISO/IEC 18004, 6.3.8).
const QUIET_MODULES: usize = 4;

/// White on black, by the numbers that no theme changes (xterm's 256 colours).
const COLOURS: &str = "\x1b[38;5;231;48;5;16m";
const NO_COLOURS: &str = "\x1b[0m";

/// A terminal that can show pictures made of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    columns: usize,
    rows: usize,
    is_coloured: bool,
}

impl Screen {
    /// The terminal that `stream` is, by what `environment` says of it. `None` where it is
    /// no terminal, or one that may not have the blocks.
    pub fn of(stream: impl AsFd, environment: &[(OsString, OsString)]) -> Option<Self> {
        let size = tcgetwinsize(stream).ok()?;
        Self::with_size(size.ws_col.into(), size.ws_row.into(), environment)
    }

    fn with_size(
        columns: usize,
        rows: usize,
        environment: &[(OsString, OsString)],
    ) -> Option<Self> {
        let variable = |name: &str| {
            let mut variables = environment.iter();
            let found = variables.find(|(own, _)| own.as_os_str() == OsStr::new(name));
            found.map(|(_, value)| value.to_string_lossy()).filter(|value| !value.is_empty())
        };
        // The first that is set decides (POSIX, XBD 8.2).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name))?;
        let is_utf8 = locale.to_ascii_lowercase().replace('-', "").contains("utf8");
        let is_terminal = variable("TERM").is_some_and(|term| term != "dumb");
        let is_coloured = variable("NO_COLOR").is_none();
        (is_utf8 && is_terminal).then_some(Self { columns, rows, is_coloured })
    }

    /// The QR code of `text`, line by line. `None` where there is no room for all of it.
    pub fn qr_code(self, text: &str) -> Option<String> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let width = code.width() + 2 * QUIET_MODULES;
        // One row is for the line in which the terminal goes on.
        if width > self.columns || width.div_ceil(2) >= self.rows {
            return None;
        }
        let (before, after) = if self.is_coloured { (COLOURS, NO_COLOURS) } else { ("", "") };
        let lines = (0..width).step_by(2).map(|y| {
            let blocks =
                (0..width).map(|x| block(is_light(&code, x, y), is_light(&code, x, y + 1)));
            [before, &blocks.collect::<String>(), after, "\n"].concat()
        });
        Some(lines.collect())
    }
}

/// Whether a module of the picture is light; what lies below it is not.
fn is_light(code: &QrCode, x: usize, y: usize) -> bool {
    let inside = |at: usize| at.checked_sub(QUIET_MODULES).filter(|at| *at < code.width());
    match (inside(x), inside(y)) {
        (Some(x), Some(y)) => code[(x, y)] == Color::Light,
        _ => y < code.width() + 2 * QUIET_MODULES,
    }
}

fn block(is_upper: bool, is_lower: bool) -> char {
    match (is_upper, is_lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        variables.iter().map(|&(name, value)| (name.into(), value.into())).collect()
    }

    fn screen(columns: usize, rows: usize, is_coloured: bool) -> Screen {
        Screen { columns, rows, is_coloured }
    }

    /// The modules of a picture, row by row, whether they are dark.
    fn modules(picture: &str) -> Vec<Vec<bool>> {
        let row = |line: &str, light: [char; 2]| {
            line.chars().map(|c| !light.contains(&c)).collect::<Vec<bool>>()
        };
        let rows = picture.lines().flat_map(|line| [row(line, ['█', '▀']), row(line, ['█', '▄'])]);
        rows.collect()
    }

    /// Reads a code of version 1 to 6 and level L, with one block of data and no errors, as a reader does: format, mask, zigzag, codewords (ISO/IEC 18004, 7.3 to 7.9).
    fn read(modules: &[Vec<bool>]) -> String {
        let size = modules.len();
        let at = |x: usize, y: usize| modules[y][x];
        let format = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8)]
            .into_iter()
            .chain((0..6).rev().map(|x| (x, 8)))
            .enumerate()
            .fold(0_u32, |bits, (n, (x, y))| bits | u32::from(at(x, y)) << n);
        let format = (format ^ 0b101_0100_0001_0010) >> 10;
        assert_eq!(format >> 3, 0b01, "level L");
        let is_flipped = |x: usize, y: usize| match format & 0b111 {
            0 => (y + x).is_multiple_of(2),
            1 => y.is_multiple_of(2),
            2 => x.is_multiple_of(3),
            3 => (y + x).is_multiple_of(3),
            4 => (y / 2 + x / 3).is_multiple_of(2),
            5 => (y * x % 2 + y * x % 3) == 0,
            6 => (y * x % 2 + y * x % 3).is_multiple_of(2),
            _ => ((y + x) % 2 + y * x % 3).is_multiple_of(2),
        };
        let is_alignment = |x: usize, y: usize| {
            size > 21 && x.abs_diff(size - 7) <= 2 && y.abs_diff(size - 7) <= 2
        };
        let is_data = |x: usize, y: usize| {
            let is_finder =
                (x.min(y) < 9 && x.max(y) < 9) || (x.min(y) < 9 && x.max(y) >= size - 8);
            !is_finder && x != 6 && y != 6 && !is_alignment(x, y)
        };
        let columns = (0..size).rev().filter(|x| *x != 6).collect::<Vec<_>>();
        let pairs = columns.chunks(2).enumerate().flat_map(|(n, pair)| {
            let down = n % 2 == 1;
            let rows = (0..size).map(move |y| if down { y } else { size - 1 - y });
            rows.flat_map(move |y| pair.iter().map(move |&x| (x, y))).collect::<Vec<_>>()
        });
        let bits = pairs.filter(|&(x, y)| is_data(x, y)).map(|(x, y)| at(x, y) != is_flipped(x, y));
        text_of(bits)
    }

    /// The text of the segments of bytes and of digits.
    fn text_of(mut bits: impl Iterator<Item = bool>) -> String {
        let mut number = |len: usize| {
            bits.by_ref().take(len).fold(0_usize, |number, bit| number << 1 | usize::from(bit))
        };
        let mut text = String::new();
        loop {
            match number(4) {
                0b0000 => return text,
                0b0100 => {
                    let len = number(8);
                    text.extend((0..len).map(|_| char::from(u8::try_from(number(8)).unwrap())));
                }
                0b0001 => {
                    let len = number(10);
                    for left in (0..len).rev().step_by(3).map(|last| (last + 1).min(3)) {
                        text += &format!("{:0left$}", number(1 + 3 * left));
                    }
                }
                mode => panic!("mode {mode:04b} after {text}"),
            }
        }
    }

    #[test]
    fn the_picture_reads_as_the_url() {
        for url in
            ["http://10.0.0.7:80", "http://192.168.1.20:8889", "http://192.168.1.20:8889/docs/"]
        {
            let picture = screen(80, 24, false).qr_code(url).unwrap();
            let modules = modules(&picture);
            let width = modules[0].len();
            assert!(modules.iter().all(|row| row.len() == width) && modules.len() == width + 1);
            // Light all around.
            let quiet = QUIET_MODULES..width - QUIET_MODULES;
            for (y, row) in modules[..width].iter().enumerate() {
                for (x, is_dark) in row.iter().enumerate() {
                    let is_quiet = !quiet.contains(&x) || !quiet.contains(&y);
                    assert!(!is_quiet || !is_dark, "{x} {y} of {url}");
                }
            }
            let inner: Vec<Vec<bool>> =
                modules[quiet.clone()].iter().map(|row| row[quiet.clone()].to_vec()).collect();
            assert_eq!(read(&inner), url);
        }
    }

    #[test]
    fn colours_stand_around_each_line() {
        let plain = screen(80, 24, false).qr_code("http://10.0.0.7").unwrap();
        let coloured = screen(80, 24, true).qr_code("http://10.0.0.7").unwrap();
        assert!(!plain.contains('\x1b'));
        assert!(
            coloured.lines().all(|line| line.starts_with(COLOURS) && line.ends_with(NO_COLOURS))
        );
        assert_eq!(coloured.replace(COLOURS, "").replace(NO_COLOURS, ""), plain);
    }

    #[test]
    fn a_picture_needs_room() {
        // 25 modules and twice 4 of light: 17 rows, and one to go on.
        let has_room = |columns, rows| {
            screen(columns, rows, false).qr_code("http://192.168.1.20:8889").is_some()
        };
        assert!(has_room(33, 18));
        assert!(!has_room(32, 18) && !has_room(33, 17) && !has_room(0, 0));
    }

    #[test]
    fn a_screen_has_utf_8_and_is_not_dumb() {
        let size = |variables: &[(&str, &str)]| {
            let screen = Screen::with_size(80, 24, &environment(variables));
            screen.map(|screen| screen.is_coloured)
        };
        let term = ("TERM", "xterm");
        for (variables, expected) in [
            (&[term, ("LANG", "de_DE.UTF-8")][..], Some(true)),
            (&[term, ("LANG", "C.utf8")], Some(true)),
            (&[term, ("LANG", "C.utf8"), ("NO_COLOR", "1")], Some(false)),
            (&[term, ("LANG", "C.utf8"), ("NO_COLOR", "")], Some(true)),
            (&[term, ("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], Some(true)),
            (&[term, ("LANG", "C.UTF-8"), ("LC_ALL", "C")], None),
            (&[term, ("LANG", "C.UTF-8"), ("LC_ALL", "")], Some(true)),
            (&[term, ("LANG", "C")], None),
            (&[term], None),
            (&[("TERM", "dumb"), ("LANG", "C.UTF-8")], None),
            (&[("LANG", "C.UTF-8")], None),
        ] {
            assert_eq!(size(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn what_is_no_terminal_is_no_screen() {
        let (reader, _writer) = std::io::pipe().unwrap();
        let variables = environment(&[("TERM", "xterm"), ("LANG", "C.UTF-8")]);
        assert_eq!(Screen::of(&reader, &variables), None);
    }
}
