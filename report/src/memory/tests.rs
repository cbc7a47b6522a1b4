use super::*;

#[test]
fn scratch_sentences() {
    let Ok(list) = std::env::var("MEMORY_SENTENCES") else { return };
    let open = |p: &str| {
        let known = Known::of(&serde_json::from_slice(&std::fs::read(p).unwrap()).unwrap());
        println!("{p} {:?}", known);
        known
    };
    let load = |p: &str| Known::of(&serde_json::from_slice(&std::fs::read(p).unwrap()).unwrap());
    let _ = open;
    let (h, s, m) = (load("/tmp/p8/reports/metrics.json"), load("/tmp/p8/examples/stocks/reports/metrics.json"), load("/tmp/p8/examples/mpg/reports/metrics.json"));
    let (mut tp, mut fp, mut fne, mut n) = (0, 0, 0, 0);
    for line in std::fs::read_to_string(list).unwrap().lines() {
        let (which, rest) = line.split_once('|').unwrap();
        let (text, expected) = rest.split_once(" =>").unwrap();
        n += 1;
        let known = match which { "H" => &h, "S" => &s, _ => &m };
        let memory = Memory::default().revised(&[Seen { text, noted: false }], None, known);
        let numbers: Vec<Number> = memory.paragraphs.into_iter().flat_map(|p| p.numbers).collect();
        let mut expected: Vec<(String, Vec<String>)> = expected.split(';').map(str::trim).filter(|e| !e.is_empty()).map(|e| { let (w, p) = e.split_once(':').unwrap(); (w.to_owned(), p.split('/').map(str::to_owned).collect()) }).collect();
        for number in &numbers {
            let place = expected.iter().position(|(w, _)| *w == number.written);
            let right = place.is_some_and(|i| number.figures.iter().any(|f| expected[i].1.contains(&f.path) || f.path.starts_with("sources")));
            if right { tp += 1; expected.remove(place.unwrap()); if number.figures.len() > 2 { println!("WIDE {text}: {} {:?}", number.written, number.figures.iter().map(|f| &f.path).collect::<Vec<_>>()); } } else { fp += 1; println!("WRONG {which} {text}\n    {} -> {:?}", number.written, number.figures.iter().map(|f| (&f.path, f.value)).collect::<Vec<_>>()); }
        }
        for (w, p) in expected { fne += 1; println!("MISSED {which} {text}\n    {w} {p:?}"); }
    }
    println!("sentences {n} right {tp} wrong {fp} missed {fne} precision {:.3} recall {:.3}", tp as f64 / (tp + fp) as f64, tp as f64 / (tp + fne) as f64);
}
