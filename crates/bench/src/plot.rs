//! SVG plots: ratios as bars, warm-up as curves.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::ranged1d::{NoDefaultFormatting, ValueFormatter};
use plotters::prelude::*;
use plotters::style::full_palette::{BLUE_700, GREY_400, ORANGE_700};

/// Colours of machines, in their order; seen well by most eyes, light and dark.
const COLOURS: [RGBColor; 5] =
    [BLUE_700, ORANGE_700, RGBColor(0x2e, 0x7d, 0x32), RGBColor(0x8e, 0x24, 0xaa), GREY_400];

/// Horizontal bars with a line at 1, on a logarithmic scale.
pub fn bars(path: &Path, title: &str, rows: &[(String, f64)]) -> Result<()> {
    let rows: Vec<&(String, f64)> = rows.iter().filter(|r| r.1.is_finite() && r.1 > 0.0).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let least = rows.iter().map(|r| r.1).fold(0.5, f64::min) * 0.9;
    let most = rows.iter().map(|r| r.1).fold(2.0, f64::max) * 1.1;
    let size = (820, 70 + 20 * rows.len() as u32);
    let root = SVGBackend::new(path, size).into_drawing_area();
    let draw = || -> std::result::Result<(), Box<dyn std::error::Error>> {
        root.fill(&WHITE)?;
        let n = rows.len();
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 16))
            .margin(10)
            .x_label_area_size(28)
            .y_label_area_size(140)
            .build_cartesian_2d(
                (least..most).log_scale(),
                Names { names: rows.iter().map(|r| r.0.clone()).collect() },
            )?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(n)
            .x_label_formatter(&|x| format!("{x:.2}"))
            .draw()?;
        for (i, row) in rows.iter().enumerate() {
            let (low, high) = if row.1 < 1.0 { (row.1, 1.0) } else { (1.0, row.1) };
            let colour = if row.1 <= 1.0 { COLOURS[2] } else { COLOURS[1] };
            let y = (n - 1 - i) as f64;
            chart.draw_series([Rectangle::new([(low, y - 0.35), (high, y + 0.35)], colour.filled())])?;
        }
        chart.draw_series(LineSeries::new([(1.0, -0.5), (1.0, n as f64 - 0.5)], BLACK.stroke_width(2)))?;
        root.present()?;
        Ok(())
    };
    draw().map_err(|e| anyhow!("{}: {e}", path.display()))
}

/// A vertical axis with one name a step, the first at the top.
struct Names {
    names: Vec<String>,
}

impl Ranged for Names {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value + 0.5) / self.names.len() as f64;
        limit.0 + (share * f64::from(limit.1 - limit.0)) as i32
    }

    fn key_points<Hint: plotters::coord::ranged1d::KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        (0..self.names.len()).map(|i| i as f64).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        -0.5..self.names.len() as f64 - 0.5
    }
}

impl ValueFormatter<f64> for Names {
    fn format(value: &f64) -> String {
        value.to_string()
    }

    fn format_ext(&self, value: &f64) -> String {
        let index = self.names.len().checked_sub(1 + value.round() as usize);
        index.and_then(|i| self.names.get(i)).cloned().unwrap_or_default()
    }
}

/// One curve: its name, and (seconds since the start of the process, milliseconds of the iteration ending there).
pub struct Curve {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// Columns of a panel that can be told apart.
const COLUMNS: f64 = 260.0;

/// The first and the highest point of each column between `x0` and `x1` of a logarithmic axis; `points` go from left to
/// right.
fn thinned(points: &[(f64, f64)], x0: f64, x1: f64) -> Vec<(f64, f64)> {
    let column = |x: f64| ((x / x0).ln() / (x1 / x0).ln() * COLUMNS) as i64;
    let mut kept = Vec::new();
    for group in points.chunk_by(|a, b| column(a.0) == column(b.0)) {
        kept.push(group[0]);
        let highest = group[1..].iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        kept.extend(highest.filter(|h| h.1 > group[0].1));
    }
    kept
}

/// A grid of panels, one a program, both axes logarithmic.
pub fn curves(path: &Path, title: &str, panels: &[(String, Vec<Curve>)]) -> Result<()> {
    if panels.is_empty() {
        return Ok(());
    }
    let columns = panels.len().min(4);
    let lines = panels.len().div_ceil(columns);
    let root = SVGBackend::new(path, (columns as u32 * 320, 70 + lines as u32 * 220)).into_drawing_area();
    let draw = || -> std::result::Result<(), Box<dyn std::error::Error>> {
        root.fill(&WHITE)?;
        let body = root.titled(title, ("sans-serif", 18))?;
        let (legend, body) = body.split_vertically(24);
        for (i, curve) in panels[0].1.iter().enumerate() {
            let x = 20 + 260 * i as i32;
            let colour = COLOURS[i % COLOURS.len()];
            legend.draw(&Rectangle::new([(x, 6), (x + 24, 12)], colour.filled()))?;
            legend.draw(&Text::new(curve.name.clone(), (x + 30, 2), ("sans-serif", 14).into_font()))?;
        }
        for (panel, (name, list)) in body.split_evenly((lines, columns)).iter().zip(panels) {
            let points = || list.iter().flat_map(|c| c.points.iter());
            let (x0, x1) = bounds(points().map(|p| p.0));
            let (y0, y1) = bounds(points().map(|p| p.1));
            let mut chart = ChartBuilder::on(panel)
                .caption(name, ("sans-serif", 13))
                .margin(6)
                .x_label_area_size(22)
                .y_label_area_size(44)
                .build_cartesian_2d((x0..x1).log_scale(), (y0..y1).log_scale())?;
            chart
                .configure_mesh()
                .x_labels(5)
                .y_labels(4)
                .x_label_formatter(&|x| format!("{x:.1} s"))
                .y_label_formatter(&|y| format!("{y:.1} ms"))
                .light_line_style(WHITE)
                .draw()?;
            for (i, curve) in list.iter().enumerate() {
                let colour = COLOURS[i % COLOURS.len()];
                chart.draw_series(LineSeries::new(thinned(&curve.points, x0, x1), colour.stroke_width(1)))?;
            }
        }
        root.present()?;
        Ok(())
    };
    draw().map_err(|e| anyhow!("{}: {e}", path.display()))
}

/// The range of positive values, a little wider.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::MAX, f64::MIN_POSITIVE), |(a, b), v| (a.min(v), b.max(v)));
    if low > high { (0.1, 1.0) } else { (low * 0.9, high * 1.1) }
}

#[cfg(test)]
mod tests {
    use super::thinned;

    #[test]
    fn a_column_keeps_its_first_and_its_highest_point() {
        let points = [(1.0, 5.0), (1.0001, 2.0), (1.0002, 9.0), (1.0003, 7.0), (10.0, 3.0)];
        assert_eq!(thinned(&points, 1.0, 10.0), [(1.0, 5.0), (1.0002, 9.0), (10.0, 3.0)]);
    }
}
