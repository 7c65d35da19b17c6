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
    broken(&replaced("\"version\":2", "\"version\":1"), "does not say which rows are copies");
    broken(&replaced("\"version\":2", "\"version\":3"), "expected version 2");
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

fn pairs(seed: u64) -> Simulations {
    quiet().run(&ddm_prior(), &Ddm::default(), 200, Seed(seed)).unwrap().simulations
}

#[test]
fn copies_carry_the_simulation_they_come_from() {
    let simulated = pairs(1);
    assert_eq!(simulated.independent(), 200);
    let copies = Ddm::default().augment(&simulated, 4, 2).unwrap();
    assert_eq!((copies.len(), copies.independent()), (1000, 200));
    assert_eq!(copies.groups()[..200], *simulated.groups());
    assert!(
        copies.groups()[200..].chunks(4).zip(simulated.groups()).all(|(copies, own)| copies == [*own; 4])
    );
    assert_eq!(copies.provenance().rows_per_simulation(), 5.0);

    // Copies of copies, files, rows taken and runs appended.
    assert_eq!(Ddm::default().augment(&copies, 1, 3).unwrap().independent(), 200);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("copies.mynah");
    copies.save(&path).unwrap();
    assert_eq!(Simulations::load(&path).unwrap(), copies);
    let some = copies.subset(&[0, 200, 201, 7, 999]).unwrap();
    assert_eq!((some.len(), some.independent()), (5, 3));
    let mut both = copies.clone();
    both.append(&pairs(2)).unwrap();
    assert_eq!((both.len(), both.independent()), (1200, 400));
}

#[test]
fn the_same_simulations_are_not_appended_twice() {
    let refused = |to: &Simulations, other: &Simulations, rows: usize| {
        let mut table = to.clone();
        let error = table.append(other).unwrap_err();
        assert_eq!((error.kind(), &table), (ErrorKind::Value, to));
        let text = error.to_string();
        assert!(text.contains(&format!("got {rows} rows (of {})", other.len())), "{text}");
        assert!(text.contains("another seed"), "{text}");
    };
    let first = pairs(1);
    refused(&first, &first, 200);
    // A longer run, another prior, the copies, a part: the random numbers are the same.
    let longer = quiet().run(&ddm_prior(), &Ddm::default(), 300, Seed(1)).unwrap().simulations;
    refused(&first, &longer, 200);
    refused(&longer, &first, 200);
    let narrow =
        BoxPrior::new([("v", -1.0, 1.0), ("a", 0.9, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)]).unwrap();
    refused(&first, &quiet().run(&narrow, &Ddm::default(), 10, Seed(1)).unwrap().simulations, 10);
    refused(&first, &Ddm::default().augment(&first, 1, 1).unwrap(), 400);
    refused(&first, &first.subset(&[3]).unwrap(), 1);
    let mut parts = first.subset(&(0..50).collect::<Vec<_>>()).unwrap();
    parts.append(&first.subset(&(50..200).collect::<Vec<_>>()).unwrap()).unwrap();
    assert_eq!(parts, first);
    // A table from elsewhere.
    let table = |from: usize| {
        Simulations::new(["p"], vec![0.5; 30], Outcome::Count, (from..from + 30).map(|x| x as f64).collect())
    };
    refused(&table(0).unwrap(), &table(0).unwrap(), 30);
    table(0).unwrap().append(&table(1).unwrap()).unwrap();
}

#[test]
fn tables_changed_by_hand_are_refused() {
    let mut longer = pairs(1);
    longer.parameters.extend([1.0, 1.0, 0.5, 0.1]);
    longer.data.extend([0.7, 1.0]);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("longer.mynah");
    let shape = |result: Result<Simulations>| {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(error.to_string().contains("(200 rows), got one of 201"), "{error}");
    };
    shape(longer.save(&path).map(|()| longer.clone()));
    shape(longer.subset(&[0]));
    shape(pairs(2).append(&longer).map(|()| longer.clone()));
    shape(Ddm::default().augment(&longer, 1, 1));
    assert_eq!(pairs(1).subset(&[200]).unwrap_err().kind(), ErrorKind::Index);
    assert_eq!(pairs(1).grouped([1, 2]).unwrap_err().kind(), ErrorKind::Shape);
    let mut nameless = pairs(1);
    nameless.names.clear();
    assert_eq!((nameless.rows().count(), nameless.bounds().len()), (200, 0));
    assert_eq!(nameless.save(&path).unwrap_err().kind(), ErrorKind::Site);
}

#[test]
fn copies_of_what_is_no_diffusion() {
    let kind = |simulations: &Simulations, copies: usize| {
        let results = [
            Ddm::default().augment(simulations, copies, 1),
            Ddm::default().augment_by_symmetry(simulations, copies, 1),
        ];
        let kinds = results.map(|result| result.map_or_else(|error| Some(error.kind()), |_| None));
        assert_eq!(kinds[0], kinds[1]);
        kinds[0]
    };
    let names = ["v", "a", "w", "t0"];
    let theta = [1.0, 1.0, 0.5, 0.2].repeat(3);
    let counts = Simulations::new(names, theta.clone(), Outcome::Count, vec![1.0; 3]).unwrap();
    assert_eq!(kind(&counts, 2), Some(ErrorKind::Shape));
    let wide = Simulations::new(names, theta.clone(), Outcome::Real { width: 3 }, vec![1.0; 9]).unwrap();
    assert_eq!(kind(&wide, 2), Some(ErrorKind::Shape));
    for (at, value) in [(1, 0.0), (1, -1.0), (2, 0.0), (2, 1.0), (3, 0.7)] {
        let mut theta = theta.clone();
        theta[4 + at] = value;
        let bad = Simulations::new(names, theta, Outcome::TimeAndChoice, [0.6, 1.0].repeat(3)).unwrap();
        assert_eq!(kind(&bad, 2), Some(ErrorKind::Value), "{value} at {at}");
    }
    assert_eq!(kind(&pairs(1), usize::MAX), Some(ErrorKind::Options));
    assert_eq!(kind(&pairs(1), usize::MAX / 200), Some(ErrorKind::Options));
    assert_eq!(kind(&pairs(1), 0), None);
    let nothing = Simulations::new(names, vec![], Outcome::TimeAndChoice, vec![]).unwrap();
    assert_eq!(kind(&nothing, 3), None);
}
