//! Random readings of what is there: gathers, sums, plates whose elements belong to those of others.

use super::generate::{Generator, LENGTHS, NAMES, NUMBERS};
use super::program::{Expr, Fold, Hop, Index, Plate, PlateKind};

impl Generator<'_> {
    /// The last closed plate of each name.
    fn closed_plates(&self) -> Vec<Plate> {
        let last =
            |name: &&str| self.plates.iter().rfind(|plate| plate.name == *name && !plate.kind.is_own());
        let closed = NAMES.iter().filter_map(last).filter(|plate| !self.open.contains(plate));
        closed.cloned().collect()
    }

    /// Those that may be entered again: not inside of plates that came after them.
    pub(crate) fn plates_to_enter_again(&self) -> Vec<Plate> {
        let innermost = self.open.last().map(|plate| plate.id);
        self.closed_plates().into_iter().filter(|plate| Some(plate.id) > innermost).collect()
    }

    pub(crate) fn new_plate(&mut self) -> Plate {
        let taken: Vec<&str> = self.open.iter().map(|plate| plate.name.as_str()).collect();
        let free: Vec<&str> = NAMES.into_iter().filter(|name| !taken.contains(name)).collect();
        let (name, len, parents) = (self.pick(&free).to_string(), self.pick(&LENGTHS), self.closed_plates());
        let kind = match self.below(6) {
            0 => PlateKind::Labels,
            1 | 2 if !parents.is_empty() => {
                let parent = self.pick(&parents);
                let index = (0..len).map(|_| self.below(parent.len)).collect();
                PlateKind::Of(Box::new(parent), index)
            }
            _ => PlateKind::Length,
        };
        self.add_plate(name, len, kind)
    }

    pub(crate) fn add_plate(&mut self, name: String, len: usize, kind: PlateKind) -> Plate {
        let plate = Plate { id: self.plates.len(), name, len, kind };
        self.plates.push(plate.clone());
        plate
    }

    /// How a closed plate's elements are found among those of an open one.
    fn hop(&self, to: &Plate) -> Option<Hop> {
        if !self.around.is_empty() || self.open.contains(to) {
            return None;
        }
        self.open.iter().rev().find_map(|open| {
            let (mut at, mut index) = (open, (0..open.len).collect::<Vec<usize>>());
            while at.id != to.id {
                let PlateKind::Of(parent, of) = &at.kind else { return None };
                index.iter_mut().for_each(|position| *position = of[*position]);
                at = parent;
            }
            Some(Hop { from: to.id, through: open.id, index })
        })
    }

    /// What is over these plates, where it is read now.
    pub(crate) fn local(&self, read: Expr, plates: &[Plate]) -> Expr {
        let hops: Vec<Hop> = plates.iter().filter_map(|plate| self.hop(plate)).collect();
        if hops.is_empty() { read } else { Expr::Local(Box::new(read), hops) }
    }

    /// The plates of a binding that are neither open nor lead to an open one.
    pub(crate) fn far(&self, binding: usize) -> Vec<Plate> {
        let far = |plate: &&Plate| !self.open.contains(plate) && self.hop(plate).is_none();
        self.bindings[binding].iter().filter(far).cloned().collect()
    }

    pub(crate) fn leaf(&mut self) -> Expr {
        if let Some(read) = self.read_states() {
            return read;
        }
        let known = self.stateless();
        if known.is_empty() || self.below(4) == 0 {
            return self.numbers();
        }
        let binding = self.pick(&known);
        let plates = self.bindings[binding].clone();
        let is_open = |plate: &Plate| self.open.contains(plate) || self.around.contains(plate);
        let closed: Vec<Plate> = plates.iter().filter(|plate| !is_open(plate)).cloned().collect();
        let left = plates.iter().filter(|plate| !self.open.contains(plate)).count();
        let (lone, far) = (self.around.is_empty(), self.far(binding));
        let mut forms: Vec<u8> = vec![];
        if far.is_empty() {
            forms.extend([0, 0]);
        }
        match plates.len() {
            1 if lone => forms.extend([1, 1, 1, 5, 6]),
            1 => forms.extend([1, 1, 1]),
            2 => forms.extend([2, 2, 2]),
            _ => {}
        }
        if plates.len() > 1 && lone && far.len() == 1 {
            forms.extend([7, 7, 7]);
        }
        if !closed.is_empty() && left == closed.len() {
            forms.push(3);
        }
        // The one plate of its name, the others open.
        let alone = |plate: &Plate| plates.iter().filter(|other| other.name == plate.name).count() == 1;
        let nameable: Vec<Plate> =
            plates.iter().filter(|p| alone(p) && far.iter().all(|other| other == *p)).cloned().collect();
        if !nameable.is_empty() {
            forms.push(4);
        }
        if forms.is_empty() {
            return self.numbers();
        }
        let fold = self.pick(&[Fold::Sum, Fold::Mean, Fold::LogSumExp]);
        match self.pick(&forms) {
            0 => self.local(Expr::Read(binding), &plates),
            1 => Expr::At(binding, plates[0].id, self.index(plates[0].len)),
            2 => Expr::At2(binding, self.index(plates[0].len), self.index(plates[1].len)),
            3 => {
                let over = closed.iter().map(|plate| plate.id).collect();
                Expr::Sum { binding, over, named: false, fold }
            }
            4 => {
                let over = self.pick(&nameable);
                let rest: Vec<Plate> = plates.into_iter().filter(|plate| *plate != over).collect();
                self.local(Expr::Sum { binding, over: vec![over.id], named: true, fold }, &rest)
            }
            5 => {
                let numbers = self.size() * plates[0].len;
                let matrix = (0..numbers).map(|_| self.pick(&NUMBERS)).collect();
                Expr::Dot { matrix, binding, open: self.open.clone() }
            }
            6 => self.gaps(binding, plates[0].len),
            _ => {
                let index = self.index(far[0].len);
                let rest: Vec<Plate> = plates.into_iter().filter(|plate| *plate != far[0]).collect();
                self.local(Expr::At(binding, far[0].id, index), &rest)
            }
        }
    }

    /// Data along the innermost plate, with so many gaps for what is missing.
    fn gaps(&mut self, binding: usize, gaps: usize) -> Expr {
        let Some(plate) = self.open.last().cloned() else { return self.numbers() };
        let twins = self.open.iter().filter(|other| other.len == plate.len).count();
        if twins > 1 || gaps > plate.len {
            return self.numbers();
        }
        let mut data: Vec<Option<f64>> = (0..plate.len).map(|_| Some(self.pick(&NUMBERS))).collect();
        while data.iter().filter(|number| number.is_none()).count() < gaps {
            let at = self.below(plate.len);
            data[at] = None;
        }
        Expr::Gaps { binding, data, plate: plate.id }
    }

    fn index(&mut self, len: usize) -> Index {
        if self.open.is_empty() || self.below(4) == 0 {
            return Index::One(self.below(len));
        }
        let (plate, along) = self.along(false);
        let known: Vec<Vec<usize>> = self
            .indices
            .iter()
            .filter(|index| index.len() == plate.len && index.iter().all(|&i| i < len))
            .cloned()
            .collect();
        if !known.is_empty() && self.below(2) == 0 {
            return Index::Many(self.pick(&known), along);
        }
        let index: Vec<usize> = (0..plate.len).map(|_| self.below(len)).collect();
        self.indices.push(index.clone());
        Index::Many(index, along)
    }

    /// The plates of an expression's value, outermost first.
    pub(crate) fn plates_of(&self, expr: &Expr) -> Vec<Plate> {
        let mut ids = vec![];
        self.collect(expr, &mut ids);
        self.open.iter().filter(|plate| ids.contains(&plate.id)).cloned().collect()
    }

    pub(crate) fn collect(&self, expr: &Expr, ids: &mut Vec<usize>) {
        let add_index = |index: &Index, ids: &mut Vec<usize>| {
            if let Index::Many(_, along) = index {
                ids.push(along.plate());
            }
        };
        let all = |plates: &[Plate]| plates.iter().map(|plate| plate.id).collect::<Vec<_>>();
        match expr {
            Expr::Number(_) => {}
            Expr::Data(_, along) => ids.push(along.plate()),
            Expr::Table(_, plates) | Expr::Dot { open: plates, .. } | Expr::Wave(_, _, plates) => {
                ids.extend(all(plates));
            }
            Expr::Read(binding) => ids.extend(all(&self.bindings[*binding])),
            Expr::Apply(_, x) => self.collect(x, ids),
            Expr::LogMix(parts) => parts.iter().for_each(|part| self.collect(part, ids)),
            Expr::Density(distribution, x) => {
                self.collect(x, ids);
                self.collect_parameters(distribution, ids);
            }
            Expr::Combine(_, x, y) => {
                self.collect(x, ids);
                self.collect(y, ids);
            }
            Expr::At(binding, axis, index) => {
                add_index(index, ids);
                ids.extend(all(&self.bindings[*binding]).into_iter().filter(|id| id != axis));
            }
            Expr::AtStates(binding, axis, states) => {
                self.collect(states, ids);
                ids.extend(all(&self.bindings[*binding]).into_iter().filter(|id| id != axis));
            }
            Expr::Local(inner, hops) => {
                let mut inside = vec![];
                self.collect(inner, &mut inside);
                let through = |id| hops.iter().find(|hop| hop.from == id).map_or(id, |hop| hop.through);
                ids.extend(inside.into_iter().map(through));
            }
            Expr::Gaps { plate, .. } => ids.push(*plate),
            Expr::State(_) | Expr::Input(_) => unreachable!("a step is no expression of its own"),
            Expr::At2(_, outer, inner) => {
                add_index(outer, ids);
                add_index(inner, ids);
            }
            Expr::Sum { binding, over, .. } => {
                ids.extend(all(&self.bindings[*binding]).into_iter().filter(|id| !over.contains(id)));
            }
            Expr::Stack(_, plate) => ids.push(*plate),
        }
    }
}
