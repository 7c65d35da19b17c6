//! Tables of simulations: checked construction, and files that round trip or say what is wrong with them.

use mynah::simulate::{BoxPrior, Ddm, Outcome, SimulationOptions, Simulations, Simulator};
use mynah::{ErrorKind, Progress, Result, Seed, Stream};

fn ddm_prior() -> BoxPrior {
    BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)]).unwrap()
}

fn quiet() -> SimulationOptions {
    SimulationOptions::default().progress(Progress::Hidden)
}

#[test]
fn new_and_append_check_their_tables() {
    let new = |parameters: &[f64], outcome, data: &[f64]| {
        Simulations::new(["v", "a"], parameters.to_vec(), outcome, data.to_vec())
    };
    let kind = |result: Result<Simulations>| result.unwrap_err().kind();
    assert_eq!(kind(new(&[1.0, 2.0, 3.0], Outcome::Count, &[1.0])), ErrorKind::Shape);
    assert_eq!(kind(new(&[1.0, 2.0], Outcome::Count, &[1.0, 2.0])), ErrorKind::Shape);
    assert_eq!(kind(new(&[], Outcome::Real { width: 0 }, &[])), ErrorKind::Shape);
    assert_eq!(kind(new(&[1.0, f64::NAN], Outcome::Count, &[1.0])), ErrorKind::Value);
    assert_eq!(kind(new(&[1.0, 2.0], Outcome::Count, &[1.5])), ErrorKind::Value);
    assert_eq!(kind(new(&[1.0, 2.0], Outcome::TimeAndChoice, &[0.5, 2.0])), ErrorKind::Value);
    assert_eq!(kind(Simulations::new(["v", "v"], vec![], Outcome::Count, vec![])), ErrorKind::Site);

    let mut pairs = new(&[1.0, 2.0], Outcome::Count, &[3.0]).unwrap();
    pairs.append(&new(&[4.0, 5.0], Outcome::Count, &[6.0]).unwrap()).unwrap();
    assert_eq!(
        (pairs.len(), pairs.parameter("a").unwrap(), &pairs.data[..]),
        (2, vec![2.0, 5.0], &[3.0, 6.0][..])
    );
    let other = new(&[4.0, 5.0], Outcome::Real { width: 1 }, &[6.0]).unwrap();
    assert_eq!(pairs.append(&other).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(pairs.len(), 2);
    let error = pairs.parameter("w").unwrap_err().to_string();
    assert!(error.contains("v, a, got 'w'"), "{error}");
}

#[test]
fn files_round_trip_and_damage_is_found() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (good, bad) = (folder.join("good.mynah"), folder.join("bad.mynah"));
    for simulator in
        [&Ddm::default() as &dyn Simulator, &|_: &[f64], _: &mut Stream| vec![1e-300, -0.0, 1.0 / 3.0]]
    {
        let mut pairs = quiet().run(&ddm_prior(), simulator, 500, Seed(9)).unwrap().simulations;
        pairs.failed = 3;
        pairs.save(&good).unwrap();
        assert_eq!(Simulations::load(&good).unwrap(), pairs);
    }
    let bytes = std::fs::read(&good).unwrap();
    let header = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let broken = |bytes: &[u8], message: &str| {
        std::fs::write(&bad, bytes).unwrap();
        let error = Simulations::load(&bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
        assert!(error.to_string().contains(message) && error.to_string().contains("bad.mynah"), "{error}");
    };
    let replaced = |from: &str, to: &str| {
        let text = String::from_utf8(bytes[..header].to_vec()).unwrap();
        assert!(text.contains(from), "{text}");
        [text.replacen(from, to, 1).as_bytes(), &bytes[header..]].concat()
    };
    let flipped = |at: usize, bit: u8| {
        let mut copy = bytes.clone();
        copy[at] ^= 1 << bit;
        copy
    };
    broken(b"", "got something else");
    broken(b"v,a\n1,2\n", "got something else");
    broken(&bytes[..header - 10], "got something else");
    broken(&bytes[..bytes.len() - 1], "500 rows take");
    broken(&[&bytes[..], b"x"].concat(), "500 rows take");
    broken(&flipped(header + 7, 7), "checksum");
    broken(&flipped(bytes.len() - 1, 7), "checksum");
    broken(&replaced("\"version\":2", "\"version\":1"), "expected version 2");
    broken(&replaced("mynah simulations", "other simulations"), "got something else");
    broken(&replaced(",\"failed\":3", ""), "header is incomplete");
    broken(&replaced("\"rows\":500", "\"rows\":18446744073709551615"), "more rows than fit");
    broken(&replaced("\"t0\"", "\"t1\""), "checksum");
    broken(&replaced("\"failed\":3", "\"failed\":4"), "checksum");

    let missing = Simulations::load(folder.join("nowhere.mynah")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    let unwritable = Simulations::load(&good).unwrap().save(folder.join("no/such/folder"));
    assert_eq!(unwritable.unwrap_err().kind(), ErrorKind::Io);
}
