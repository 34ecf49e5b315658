//! The measurements as text and as a page.

use super::{Measured, break_even};
use crate::asm::disassemble;
use crate::verify::Verified;
use std::fmt::Write;

/// A time with three digits.
pub fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        t if t < 1e3 => (t, "ns"),
        t if t < 1e6 => (t / 1e3, "us"),
        t if t < 1e9 => (t / 1e6, "ms"),
        t => (t / 1e9, "s"),
    };
    match value {
        v if v < 10.0 => format!("{v:.2} {unit}"),
        v if v < 100.0 => format!("{v:.1} {unit}"),
        v => format!("{v:.0} {unit}"),
    }
}

/// Rows of cells, the first row and the first column being titles.
fn rows(m: &Measured) -> Vec<Vec<String>> {
    let Some(interpreted) = m.series.first() else { return Vec::new() };
    let mut rows = vec![vec![m.input.clone().unwrap_or_default()]];
    for (i, s) in m.series.iter().enumerate() {
        rows[0].push(s.name.clone());
        if i > 0 {
            rows[0].push("faster".into());
        }
    }
    for sample in &interpreted.samples {
        let first = if m.input.is_some() { sample.size.to_string() } else { "time".into() };
        let mut row = vec![first];
        for (i, s) in m.series.iter().enumerate() {
            let found = s.at(sample.size).filter(|t| *t > 0);
            row.push(found.map_or_else(|| "-".into(), |t| time(t as f64)));
            if i > 0 {
                row.push(
                    found.map_or_else(|| "-".into(), |t| format!("{:.1}x", sample.best as f64 / t as f64)),
                );
            }
        }
        rows.push(row);
    }
    type Cell<'a> = &'a dyn Fn(&super::Series) -> Option<String>;
    let largest = interpreted.samples.iter().map(|s| s.size).max().unwrap_or(0);
    let pays = |s: &super::Series| {
        s.compiled?;
        Some(break_even(interpreted, s).map_or_else(|| format!(">{largest}"), |n| format!("{:.0}", n.ceil())))
    };
    let mut more: Vec<(&str, Cell<'_>)> = vec![
        ("compile time", &|s| s.compiled.map(|c| time(c.0 as f64))),
        ("code bytes", &|s| s.compiled.map(|c| c.1.to_string())),
    ];
    if m.input.is_some() {
        more.push(("pays from", &pays));
    }
    for (title, cell) in more {
        let mut row = vec![title.to_owned()];
        for (i, s) in m.series.iter().enumerate() {
            row.push(cell(s).unwrap_or_else(|| "-".into()));
            if i > 0 {
                row.push(String::new());
            }
        }
        rows.push(row);
    }
    rows
}

/// The comparison of the two styles, in words.
fn styles(m: &Measured) -> Vec<String> {
    let Some(s) = m.styles else { return Vec::new() };
    let with = match (&m.input, s.size) {
        (Some(name), Some(size)) => format!(", {name} = {size}"),
        _ => String::new(),
    };
    let share = |a: f64, b: f64| format!("{:.0} %", 100.0 * a / b.max(1.0));
    vec![
        format!("stack form:    {} instructions executed, {} bytes of code{with}", s.stack.0, s.stack.1),
        format!(
            "register form: {} instructions executed ({}), {} bytes of code ({})",
            s.register.0,
            share(s.register.0 as f64, s.stack.0 as f64),
            s.register.1,
            share(s.register.1 as f64, s.stack.1 as f64)
        ),
    ]
}

pub fn text(m: &Measured) -> String {
    let rows = rows(m);
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|c| rows.iter().filter_map(|r| r.get(c)).map(String::len).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        let _ = writeln!(out, "{}", cells.join("  ").trim_end());
    }
    out.push('\n');
    for line in styles(m).iter().chain(&m.notes) {
        let _ = writeln!(out, "{line}");
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;background:#fff}\
table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}\
pre{background:#f6f6f6;padding:1em;overflow:auto}svg{max-width:100%;height:auto}";

/// One page with everything in it.
pub fn html(m: &Measured, svg: &str, program: &Verified) -> String {
    let name = escape(&m.program);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}: caturra stack bench</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
    );
    let _ = writeln!(
        out,
        "<p>Time of one run on each engine, the best of several. Dashed: with the time of compilation added; where a \
         dashed line crosses the interpreter's, compiling begins to pay.</p>"
    );
    // A fragment of a page needs no declaration of its own.
    let svg = svg.find("<svg").map_or("", |at| &svg[at..]);
    let _ = writeln!(out, "{svg}\n<table>");
    for (i, row) in rows(m).iter().enumerate() {
        let tag = if i == 0 { "th" } else { "td" };
        let cells: String = row.iter().map(|c| format!("<{tag}>{}</{tag}>", escape(c))).collect();
        let _ = writeln!(out, "<tr>{cells}</tr>");
    }
    out.push_str("</table>\n<pre>\n");
    for line in styles(m).iter().chain(&m.notes) {
        let _ = writeln!(out, "{}", escape(line));
    }
    let _ = writeln!(
        out,
        "</pre>\n<h2>The program</h2>\n<pre>\n{}</pre>",
        escape(&disassemble(program.program()))
    );
    out.push_str("</body>\n</html>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::super::{Styles, plot};
    use super::*;
    use crate::language::compile;
    use crate::verify::verify;

    fn measured() -> Measured {
        Measured {
            program: "a<b>.bean".into(),
            input: Some("n".into()),
            series: vec![
                series("interpreter", &[(1, 1_000), (10, 10_000), (100, 100_000)], None),
                series("tier 1", &[(1, 900), (10, 1_000), (100, 10_000)], Some((45_000, 321))),
            ],
            styles: Some(Styles { size: Some(100), stack: (1000, 84), register: (400, 60) }),
            notes: vec!["JDK: left out: none".into()],
        }
    }

    #[test]
    fn the_table() {
        let expected = "           n  interpreter   tier 1  faster
           1      1.00 us   900 ns    1.1x
          10      10.0 us  1.00 us   10.0x
         100       100 us  10.0 us   10.0x
compile time            -  45.0 us
  code bytes            -      321
   pays from            -       50

stack form:    1000 instructions executed, 84 bytes of code, n = 100
register form: 400 instructions executed (40 %), 60 bytes of code (71 %)
JDK: left out: none
";
        assert_eq!(text(&measured()), expected);
    }

    #[test]
    fn the_page_and_the_plot() {
        let m = measured();
        let svg = plot::svg(&m).unwrap();
        assert!(svg.contains("<svg") && svg.trim_end().ends_with("</svg>") && svg.contains("tier 1"));
        let program = verify(compile("1 < 2", "t.bean", None).unwrap()).unwrap();
        let page = html(&m, &svg, &program);
        for part in ["a&lt;b&gt;.bean", "<svg", "<th>tier 1</th>", "PUSH 1", "</html>"] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<?xml"));
    }

    #[test]
    fn one_measurement_and_none() {
        let one = series("interpreter", &[(0, 1_000)], None);
        let mut m = Measured { input: None, series: vec![one], styles: None, ..measured() };
        assert!(text(&m).contains("time"));
        plot::svg(&m).unwrap();
        m.series.clear();
        text(&m);
        plot::svg(&m).unwrap();
    }

    #[test]
    fn times_have_three_digits() {
        let shown: Vec<String> = [1.5, 15.0, 999.0, 1e3, 25e3, 250e3, 1e6, 2.5e9].map(time).into();
        assert_eq!(
            shown,
            ["1.50 ns", "15.0 ns", "999 ns", "1.00 us", "25.0 us", "250 us", "1.00 ms", "2.50 s"]
        );
    }
}
