//! The 150 cookies.

/// Chips in 30 cookies from each of five bakeries: course data, the counts of `data/cookies.dat` as published in the
/// repository juanitorduz/website_projects.
const CHIPS: [[u64; 30]; 5] = [
    [12, 12, 6, 13, 12, 12, 9, 10, 7, 14, 12, 13, 7, 6, 9, 12, 4, 11, 10, 7, 6, 9, 5, 10, 8, 9, 4, 12, 8, 10],
    [7, 4, 6, 9, 3, 9, 6, 9, 4, 6, 10, 9, 5, 5, 6, 6, 2, 3, 2, 7, 9, 4, 11, 1, 4, 8, 6, 6, 5, 7],
    [7, 6, 9, 6, 15, 14, 7, 11, 7, 12, 11, 11, 12, 6, 12, 12, 4, 11, 6, 18, 4, 7, 8, 12, 13, 15, 9, 6, 5, 11],
    [8, 9, 7, 14, 6, 10, 1, 5, 7, 7, 8, 9, 6, 5, 10, 7, 12, 10, 12, 15, 8, 7, 21, 14, 12, 6, 7, 5, 8, 12],
    [
        15, 10, 12, 10, 6, 8, 10, 11, 11, 16, 11, 13, 6, 11, 20, 6, 16, 13, 13, 11, 10, 16, 16, 6, 16, 11,
        11, 19, 11, 15,
    ],
];

/// The chips of each cookie.
pub(crate) fn chips() -> Vec<u64> {
    CHIPS.concat()
}

/// The bakery of each cookie, counted from 0.
pub(crate) fn bakery() -> Vec<usize> {
    (0..5).flat_map(|bakery| [bakery; 30]).collect()
}
