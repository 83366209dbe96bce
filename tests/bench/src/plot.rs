//! The throughput as a picture: bets a second, and how long they took.

use std::path::Path;
use std::sync::Once;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordu32;
use plotters::prelude::*;
use plotters::style::register_font;

use crate::Error;
use crate::load::Run;
use crate::throughput::Throughput;

const SIZE: (u32, u32) = (2_000, 860);
const PAPER: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(38, 43, 51);
const FAINT: RGBColor = RGBColor(226, 230, 236);
const QUIET: RGBColor = RGBColor(110, 118, 129);
const BLUE: RGBColor = RGBColor(31, 111, 235);
const ORANGE: RGBColor = RGBColor(219, 109, 40);
/// From the common case to the rare one.
const PERCENTILES: [(usize, &str, RGBColor); 4] = [
    (500, "p50", RGBColor(31, 111, 235)),
    (900, "p90", RGBColor(47, 158, 110)),
    (990, "p99", RGBColor(219, 109, 40)),
    (999, "p99.9", RGBColor(190, 45, 70)),
];

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Chart<'a, 'b, Y> = ChartContext<'a, BitMapBackend<'b>, Cartesian2d<RangedCoordu32, Y>>;

/// A line of the picture.
struct Curve<'a> {
    label: &'a str,
    color: RGBColor,
    points: Vec<(u32, u32)>,
}

/// Draws the picture into a PNG file.
pub fn draw(throughput: &Throughput, file: &str) -> Result<(), Error> {
    load_fonts();
    std::fs::create_dir_all(Path::new(file).parent().unwrap_or_else(|| Path::new(".")))?;
    let paper = BitMapBackend::new(file, SIZE).into_drawing_area();
    paper.fill(&PAPER)?;
    let titled = paper.margin(24, 16, 24, 32);
    let (left, right) = titled.split_horizontally(SIZE.0 / 2 - 24);
    rates(&left, throughput)?;
    times(&right, &throughput.memory)?;
    paper.present()?;
    Ok(())
}

fn rates(area: &Area<'_>, throughput: &Throughput) -> Result<(), Error> {
    let curve = |label, color, runs: &[Run]| Curve { label, color, points: points(runs, Run::rate) };
    let curves = [
        curve("store in memory", BLUE, &throughput.memory),
        curve("store in a file", ORANGE, &throughput.file),
    ];
    let top = highest(&curves);
    let mut chart = frame(area, "Bets a second through gateway, function and store")
        .build_cartesian_2d(across(&throughput.memory), 0..top + top / 3)?;
    grid(&mut chart, &throughput.memory, "bets a second", &ToString::to_string)?;
    for curve in curves {
        line(&mut chart, curve)?;
    }
    legend(&mut chart)
}

fn times(area: &Area<'_>, runs: &[Run]) -> Result<(), Error> {
    let curves = PERCENTILES.map(|(thousandths, label, color)| Curve {
        label,
        color,
        points: points(runs, |run| run.within(thousandths).as_micros()),
    });
    let (bottom, top) = (lowest(&curves), highest(&curves));
    let mut chart = frame(area, "Time to the answer, store in memory")
        .build_cartesian_2d(across(runs), (bottom / 2..top.saturating_mul(5)).log_scale())?;
    grid(&mut chart, runs, "milliseconds (logarithmic)", &|micros: &u32| milliseconds(*micros))?;
    for curve in curves {
        line(&mut chart, curve)?;
    }
    legend(&mut chart)
}

/// The loads stand side by side, as far apart as their doubling.
fn points(runs: &[Run], of: impl Fn(&Run) -> u128) -> Vec<(u32, u32)> {
    (0..).zip(runs).map(|(place, run)| (place, u32::try_from(of(run)).unwrap_or(u32::MAX))).collect()
}

fn across(runs: &[Run]) -> std::ops::Range<u32> {
    0..u32::try_from(runs.len().saturating_sub(1)).unwrap_or_default()
}

fn lowest(curves: &[Curve<'_>]) -> u32 {
    curves.iter().flat_map(|curve| &curve.points).map(|(_, y)| *y).min().unwrap_or_default().max(2)
}

fn highest(curves: &[Curve<'_>]) -> u32 {
    curves.iter().flat_map(|curve| &curve.points).map(|(_, y)| *y).max().unwrap_or_default().max(1)
}

fn frame<'a, 'b>(area: &'a Area<'b>, title: &str) -> ChartBuilder<'a, 'b, BitMapBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(title, ("sans-serif", 34, FontStyle::Bold, &INK))
        .margin_right(28)
        .x_label_area_size(84)
        .y_label_area_size(104);
    builder
}

fn grid<Y>(
    chart: &mut Chart<'_, '_, Y>,
    runs: &[Run],
    unit: &str,
    label: &dyn Fn(&u32) -> String,
) -> Result<(), Error>
where
    Y: Ranged<ValueType = u32> + ValueFormatter<u32>,
{
    let callers = |place: &u32| {
        let run = usize::try_from(*place).ok().and_then(|place| runs.get(place));
        run.map_or_else(String::new, |run| run.callers.to_string())
    };
    chart
        .configure_mesh()
        .x_labels(runs.len())
        .y_labels(8)
        .x_label_formatter(&callers)
        .y_label_formatter(&|value| label(value))
        .x_desc("callers at a time, a wallet each")
        .y_desc(unit)
        .axis_desc_style(("sans-serif", 26, &QUIET))
        .label_style(("sans-serif", 24, &INK))
        .axis_style(QUIET)
        .bold_line_style(FAINT)
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok(())
}

fn line<Y>(chart: &mut Chart<'_, '_, Y>, curve: Curve<'_>) -> Result<(), Error>
where
    Y: Ranged<ValueType = u32>,
{
    let Curve { label, color, points } = curve;
    chart
        .draw_series(LineSeries::new(points.clone(), color.stroke_width(4)))?
        .label(label)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 34, y)], color.stroke_width(5)));
    chart.draw_series(points.into_iter().map(|at| Circle::new(at, 7, color.filled())))?;
    Ok(())
}

fn legend<'a, 'b: 'a, Y>(chart: &mut Chart<'a, 'b, Y>) -> Result<(), Error>
where
    Y: Ranged<ValueType = u32>,
{
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .margin(20)
        .legend_area_size(46)
        .label_font(("sans-serif", 26, &INK))
        .background_style(PAPER.mix(0.9))
        .border_style(FAINT)
        .draw()?;
    Ok(())
}

fn milliseconds(micros: u32) -> String {
    let (whole, tenths) = (micros / 1_000, micros % 1_000 / 100);
    if tenths == 0 { whole.to_string() } else { format!("{whole}.{tenths}") }
}

/// The fonts come with the program: a machine may have none.
fn load_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The only failure is a broken font, which would show as a picture without words.
        let _ = register_font("sans-serif", FontStyle::Normal, include_bytes!("../fonts/Roboto-Regular.ttf"));
        let _ = register_font("sans-serif", FontStyle::Bold, include_bytes!("../fonts/Roboto-Medium.ttf"));
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_picture_is_drawn_on_any_machine() {
        let run = |callers: usize| {
            let times = (1..=1_000).map(|it| Duration::from_micros(it * 13)).collect();
            Run { callers, bets: 1_000 * callers, failed: 0, elapsed: Duration::from_secs(1), times }
        };
        let runs: Vec<Run> = [1, 2, 4].map(run).into();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("throughput.png");
        let throughput = Throughput { memory: runs.clone(), file: runs };
        draw(&throughput, file.to_str().unwrap()).unwrap();
        assert!(std::fs::metadata(file).unwrap().len() > 10_000);
    }
}
