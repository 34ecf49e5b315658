//! The measurements as a plot: time over input, both logarithmic, a line for each engine.

use super::{Measured, report};
use plotters::prelude::*;
use std::error::Error;

/// Colours of the engines, in their order; told apart by most eyes.
const COLOURS: [RGBColor; 5] = [
    RGBColor(0xd9, 0x5f, 0x02),
    RGBColor(0x1b, 0x6c, 0xc0),
    RGBColor(0x2e, 0x7d, 0x32),
    RGBColor(0x9e, 0x9e, 0x9e),
    RGBColor(0x8e, 0x24, 0xaa),
];
const SIZE: (u32, u32) = (860, 520);

/// The least and the greatest, with some room; usable also for a single number and for none.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.filter(|v| *v > 0.0).fold((f64::MAX, 0.0), |(l, h), v| (f64::min(l, v), f64::max(h, v)));
    if low > high { (1.0, 10.0) } else { (low * 0.8, high * 1.25) }
}

/// A number of steps, as a person writes it.
fn count(n: f64) -> String {
    match n {
        n if n >= 1e9 => format!("{}G", n / 1e9),
        n if n >= 1e6 => format!("{}M", n / 1e6),
        n if n >= 1e3 => format!("{}k", n / 1e3),
        n => format!("{n}"),
    }
}

pub fn svg(m: &Measured) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    draw(m, &mut text)?;
    Ok(text)
}

fn draw(m: &Measured, text: &mut String) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    // Where nothing grows there is one point an engine, drawn at 1.
    let x = |size: i32| f64::from(size.max(1));
    let samples = || m.series.iter().flat_map(|s| s.samples.iter());
    let with_compilation =
        m.series.iter().filter_map(|s| Some((s.samples.first()?.best + s.compiled?.0) as f64));
    let (x0, x1) = bounds(samples().map(|s| x(s.size)));
    let (y0, y1) = bounds(samples().map(|s| s.best as f64).chain(with_compilation));
    let (legend, body) = root.split_vertically(28);
    let mut chart = ChartBuilder::on(&body)
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d((x0..x1).log_scale(), (y0..y1).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_desc(m.input.as_deref().unwrap_or(""))
        .x_label_formatter(&|n| count(*n))
        .y_label_formatter(&|t| report::time(*t))
        .label_style(("sans-serif", 13))
        .draw()?;
    for (i, series) in m.series.iter().enumerate() {
        let colour = COLOURS[i % COLOURS.len()];
        let points: Vec<(f64, f64)> =
            series.samples.iter().filter(|s| s.best > 0).map(|s| (x(s.size), s.best as f64)).collect();
        chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
        chart.draw_series(points.iter().map(|p| Circle::new(*p, 3, colour.filled())))?;
        if let Some((cost, _)) = series.compiled {
            let dashed = points.iter().map(|(size, time)| (*size, time + cost as f64));
            chart.draw_series(DashedLineSeries::new(dashed, 5, 4, colour.stroke_width(1)))?;
        }
        let left = 80 + 150 * i as i32;
        legend.draw(&Rectangle::new([(left, 15), (left + 22, 19)], colour.filled()))?;
        legend.draw(&Text::new(series.name.clone(), (left + 28, 9), ("sans-serif", 14).into_font()))?;
    }
    root.present()?;
    Ok(())
}
