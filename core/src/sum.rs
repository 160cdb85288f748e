//! The one place where verification sums are computed (`SUM`).
//!
//! Every verifier here is a set of equations "Σ scalar·point = identity". A verifier does not compute anything in
//! the group: it *describes* its equations as terms, each equation multiplied by a random 128-bit weight, into a
//! [`Sum`]. Many equations, of many proofs, share one sum; points that several of them use (the basepoint, the
//! commitment key, a list that is the output of one mix and the input of the next) appear once. A false equation
//! survives with probability 2^-128 (Bellare, Garay, Rabin: *Fast batch verification*, EUROCRYPT 1998).
//!
//! Everything here is public, so it runs in variable time.

use crate::elgamal::CiphertextList;
use crate::group::Generators;
use crate::ids::Digest;
use crate::transcript::Weights;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use selge_lanes::{Backend, Msm, TermError, CHUNK};
use std::sync::Arc;

/// Scalars for every component of one ciphertext list, merged over the equations that use it.
struct ListTerms {
    list: Arc<CiphertextList>,
    scalars: Vec<Scalar>,
}

/// Scalars of a list that one task works on.
const TASK: usize = 1 << 12;

/// Fewer loose points than this are summed with tables of the fixed generators, more by Pippenger's method.
const SMALL: usize = 150;

/// A weighted sum of equations, each of which must be the identity.
pub struct Sum {
    weights: Weights,
    basepoint: Scalar,
    h: Scalar,
    g: Vec<Scalar>,
    lists: Vec<ListTerms>,
    /// A point that many equations share (the joint key), and its merged scalar.
    shared: Option<(RistrettoPoint, Scalar)>,
    /// Bulletproof generators: `MAX_BITS` slots per value, and the most bits and values used.
    range: RangeTerms,
    scalars: Vec<Scalar>,
    points: Vec<RistrettoPoint>,
    /// Points that are decoded only when the sum is computed, and make it fail if they cannot be.
    encoded_scalars: Vec<Scalar>,
    encoded: Vec<[u8; 32]>,
}

/// Merged scalars of the Bulletproof generators.
#[derive(Default)]
struct RangeTerms {
    g: Vec<Scalar>,
    h: Vec<Scalar>,
    bits: usize,
}

impl std::fmt::Debug for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sum")
            .field("generators", &self.g.len())
            .field("lists", &self.lists.len())
            .field("points", &(self.points.len() + self.encoded.len()))
            .finish()
    }
}

impl Default for Sum {
    fn default() -> Self {
        Sum::new(Weights::from_os())
    }
}

impl Sum {
    /// An empty sum. Weights that the makers of the proofs could foresee would let errors cancel, so only this crate
    /// chooses them (`SUM-2`).
    pub(crate) fn new(weights: Weights) -> Self {
        Sum {
            weights,
            basepoint: Scalar::ZERO,
            h: Scalar::ZERO,
            g: Vec::new(),
            lists: Vec::new(),
            shared: None,
            range: RangeTerms::default(),
            scalars: Vec::new(),
            points: Vec::new(),
            encoded_scalars: Vec::new(),
            encoded: Vec::new(),
        }
    }

    /// Starts a further equation and returns the weight that all its terms must carry.
    pub fn equation(&mut self) -> Equation<'_> {
        // Iterating an endless stream cannot end; one is a valid if useless weight should that ever change.
        let weight = self.weights.next().unwrap_or(Scalar::ONE);
        Equation { sum: self, weight }
    }

    /// `+ scalar · point` for a point that is still encoded and several equations share, and a scalar that carries all
    /// their weights; if it is no point, the sum does not hold.
    pub(crate) fn weighted(&mut self, scalar: Scalar, point: &CompressedRistretto) {
        self.encoded_scalars.push(scalar);
        self.encoded.push(point.0);
    }

    /// As [`Sum::weighted`], for many; if there are not as many points as scalars, the sum does not hold.
    pub(crate) fn weighted_all(&mut self, scalars: Vec<Scalar>, points: impl Iterator<Item = [u8; 32]>) {
        self.encoded_scalars.extend(scalars);
        self.encoded.extend(points);
    }

    /// The scalars of [`Sum::weighted`] and [`Sum::weighted_all`], in their order.
    #[cfg(test)]
    pub(crate) fn encoded_scalars(&self) -> &[Scalar] {
        &self.encoded_scalars
    }

    /// Weights for the same equation of `n` proofs, and zero for those beyond.
    pub(crate) fn weights_for<const N: usize>(&mut self, n: usize) -> [Scalar; N] {
        std::array::from_fn(|i| if i < n { self.weights.next().unwrap_or(Scalar::ONE) } else { Scalar::ZERO })
    }

    /// `+ basepoint·B + shared·point`, with a point that many equations share and scalars that carry their weights.
    pub(crate) fn weighted_fixed(&mut self, basepoint: Scalar, shared: Scalar, point: RistrettoPoint) {
        self.basepoint += basepoint;
        self.share(shared, point);
    }

    /// `+ g·G_i + h·H_i` of the Bulletproof generators of values of `bits` bits each, with scalars that carry their
    /// equations' weights.
    pub(crate) fn weighted_bulletproof_gens(&mut self, bits: usize, i: usize, g: Scalar, h: Scalar) {
        let range = &mut self.range;
        range.bits = range.bits.max(bits);
        let slot = (i / bits) * crate::range::MAX_BITS + i % bits;
        for (slots, scalar) in [(&mut range.g, g), (&mut range.h, h)] {
            if slots.len() <= slot {
                slots.resize(slot + 1, Scalar::ZERO);
            }
            slots[slot] += scalar;
        }
    }

    /// Adds all terms of another sum, which has weights of its own.
    pub(crate) fn append(&mut self, other: Sum) {
        let Sum { weights: _, basepoint, h, g, lists, shared, range, scalars, points, encoded_scalars, encoded } =
            other;
        self.basepoint += basepoint;
        self.h += h;
        merge(&mut self.g, &g);
        for ListTerms { list, scalars } in lists {
            self.list_scalars(&list).iter_mut().zip(&scalars).for_each(|(sum, scalar)| *sum += scalar);
        }
        if let Some((point, scalar)) = shared {
            self.share(scalar, point);
        }
        self.range.bits = self.range.bits.max(range.bits);
        merge(&mut self.range.g, &range.g);
        merge(&mut self.range.h, &range.h);
        self.scalars.extend(scalars);
        self.points.extend(points);
        self.encoded_scalars.extend(encoded_scalars);
        self.encoded.extend(encoded);
    }

    fn share(&mut self, scalar: Scalar, point: RistrettoPoint) {
        match &mut self.shared {
            Some((shared, sum)) if *shared == point => *sum += scalar,
            Some(_) => {
                self.scalars.push(scalar);
                self.points.push(point);
            }
            none => *none = Some((point, scalar)),
        }
    }

    /// Random weights that fold the component-wise equations of a list into one equation.
    pub fn component_weights(&mut self, components: usize) -> Vec<Scalar> {
        self.weights.by_ref().take(components).collect()
    }

    /// How many value generators of the commitment key the sum needs.
    pub fn generators_needed(&self) -> usize {
        self.g.len()
    }

    /// Computes the sum, on all cores, and says whether it is the identity.
    ///
    /// `generators` must hold at least [`Sum::generators_needed`]; with fewer the answer is `false`: no term is ever
    /// left out silently.
    #[must_use]
    pub fn holds(&self, generators: &Generators) -> bool {
        let most_range = crate::range::MAX_BITS * crate::range::MAX_PARTIES;
        if generators.len() < self.g.len() || self.range.g.len() > most_range || self.range.h.len() > most_range {
            return false;
        }
        if self.is_small(Backend::active()) {
            return self.small_sum(generators) == Some(RistrettoPoint::identity());
        }
        self.terms(generators, rayon::current_num_threads(), CHUNK).is_ok_and(Msm::is_identity_vartime)
    }

    /// All terms, being summed. What is long is cut into as many parts as there are threads, of `least` terms at least, each
    /// a sum of its own: that keeps them busier than one sum, which is on all of them only while it adds up a chunk.
    fn terms(&self, generators: &Generators, threads: usize, least: usize) -> Result<Msm, TermError> {
        let mut msm = Msm::default();
        let (shared, scalar) = self.shared.unwrap_or_default();
        let fixed = [RISTRETTO_BASEPOINT_POINT, *generators.h(), shared];
        msm.add_ristretto_vartime(&[self.basepoint, self.h, scalar], &fixed)?;
        msm.add_ristretto_vartime(&self.scalars, &self.points)?;
        if self.range.bits > 0 {
            let (g, h) = crate::range::lane_gens();
            msm.add_points_from_vartime(&self.range.g, g, 0)?;
            msm.add_points_from_vartime(&self.range.h, h, 0)?;
        }
        let mut long = vec![Terms::Generators { scalars: &self.g, from: 0 }];
        long.extend(self.lists.iter().map(|list| Terms::encoded(&list.scalars, list.list.points())));
        long.push(Terms::encoded(&self.encoded_scalars, &self.encoded));
        let total: usize = long.iter().map(Terms::len).sum();
        let parts = threads.min(total / least).max(1);
        let add = |msm: &mut Msm, part: &[Terms<'_>]| part.iter().try_for_each(|terms| terms.add(generators, msm));
        let mut parts = cut(long, total.div_ceil(parts).max(1)).into_iter();
        if let Some(first) = parts.next() {
            let others: Vec<_> = parts.collect();
            let sum = |part: &Vec<Terms<'_>>| {
                let mut msm = Msm::default();
                add(&mut msm, part).map(|()| msm)
            };
            let (first, others) =
                rayon::join(|| add(&mut msm, &first), || others.par_iter().map(sum).collect::<Result<Vec<_>, _>>());
            first?;
            others?.into_iter().for_each(|other| msm.append(other));
        }
        Ok(msm)
    }

    /// Whether dalek with tables of the fixed generators is faster: for a few ballots' equations without a list, where
    /// there are not eight lanes.
    fn is_small(&self, backend: Backend) -> bool {
        let loose = self.points.len() + self.encoded.len();
        backend != Backend::Ifma && self.lists.is_empty() && self.g.is_empty() && self.range.bits > 0 && loose < SMALL
    }

    fn small_sum(&self, generators: &Generators) -> Option<RistrettoPoint> {
        let mut scalars = self.scalars.clone();
        let mut points = self.points.clone();
        scalars.extend_from_slice(&self.encoded_scalars);
        for encoded in &self.encoded {
            points.push(CompressedRistretto(*encoded).decompress()?);
        }
        if self.h != Scalar::ZERO {
            scalars.push(self.h);
            points.push(*generators.h());
        }
        if let Some((point, scalar)) = self.shared {
            scalars.push(scalar);
            points.push(point);
        }
        let parties = self.range.g.len().div_ceil(crate::range::MAX_BITS);
        let tables = crate::range::Tables::of(self.range.bits, parties);
        Some(tables.sum(self.basepoint, (&self.range.g, &self.range.h), &scalars, &points))
    }

    /// The merged scalars of `list`, one per component, zero at first.
    fn list_scalars(&mut self, list: &Arc<CiphertextList>) -> &mut [Scalar] {
        let digest: &Digest = list.digest();
        let at = match self.lists.iter().position(|l| l.list.digest() == digest) {
            Some(at) => at,
            None => {
                let scalars = vec![Scalar::ZERO; list.points().len()];
                self.lists.push(ListTerms { list: Arc::clone(list), scalars });
                self.lists.len() - 1
            }
        };
        &mut self.lists[at].scalars
    }
}

/// Terms of one kind, of which there may be very many.
#[derive(Clone, Copy)]
enum Terms<'a> {
    /// Of the commitment key's value generators, from one on.
    Generators { scalars: &'a [Scalar], from: usize },
    /// Of points that are still encoded.
    Encoded { scalars: &'a [Scalar], points: &'a [[u8; 32]] },
    /// Of which there are not as many as points, so that no sum holds.
    Unpaired { scalars: usize, points: usize },
}

impl<'a> Terms<'a> {
    fn encoded(scalars: &'a [Scalar], points: &'a [[u8; 32]]) -> Self {
        match (scalars.len(), points.len()) {
            (s, p) if s == p => Terms::Encoded { scalars, points },
            (scalars, points) => Terms::Unpaired { scalars, points },
        }
    }

    fn len(&self) -> usize {
        match self {
            Terms::Generators { scalars, .. } | Terms::Encoded { scalars, .. } => scalars.len(),
            Terms::Unpaired { .. } => 0,
        }
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        match self {
            Terms::Generators { scalars, from } => {
                let (left, right) = scalars.split_at(at);
                (Terms::Generators { scalars: left, from }, Terms::Generators { scalars: right, from: from + at })
            }
            Terms::Encoded { scalars, points } => {
                let ((left, right), (ours, theirs)) = (scalars.split_at(at), points.split_at(at));
                (Terms::Encoded { scalars: left, points: ours }, Terms::Encoded { scalars: right, points: theirs })
            }
            Terms::Unpaired { .. } => (self, self),
        }
    }

    fn add(&self, generators: &Generators, msm: &mut Msm) -> Result<(), TermError> {
        match *self {
            Terms::Generators { scalars, from } => generators.add_from_vartime(msm, scalars, from),
            Terms::Encoded { scalars, points } => msm.add_encoded_vartime(scalars, points),
            Terms::Unpaired { scalars, points } => Err(TermError::Lengths { scalars, points }),
        }
    }
}

/// The same terms in parts of `most`, the last of fewer.
fn cut(terms: Vec<Terms<'_>>, most: usize) -> Vec<Vec<Terms<'_>>> {
    let (mut parts, mut room) = (vec![Vec::new()], most);
    for mut rest in terms {
        while rest.len() > room {
            let (now, later) = rest.split_at(room);
            if let Some(part) = parts.last_mut() {
                part.push(now);
            }
            parts.push(Vec::new());
            (rest, room) = (later, most);
        }
        room -= rest.len();
        if let Some(part) = parts.last_mut() {
            part.push(rest);
        }
    }
    parts
}

/// Adds scalars of the same points, from the first.
fn merge(sums: &mut Vec<Scalar>, scalars: &[Scalar]) {
    if sums.len() < scalars.len() {
        sums.resize(scalars.len(), Scalar::ZERO);
    }
    sums.iter_mut().zip(scalars).for_each(|(sum, scalar)| *sum += scalar);
}

/// One equation being described; every term is multiplied by the equation's weight on the way in.
#[derive(Debug)]
pub struct Equation<'a> {
    sum: &'a mut Sum,
    weight: Scalar,
}

impl Equation<'_> {
    /// A scalar with the equation's weight, for a term that several equations share.
    pub(crate) fn weighted(&self, scalar: Scalar) -> Scalar {
        self.weight * scalar
    }

    /// `+ scalar · B`.
    pub fn basepoint(&mut self, scalar: Scalar) -> &mut Self {
        self.sum.basepoint += self.weight * scalar;
        self
    }

    /// `+ scalar · H`.
    pub fn h(&mut self, scalar: Scalar) -> &mut Self {
        self.sum.h += self.weight * scalar;
        self
    }

    /// `+ Σ scalars_i · G_i`, from `G_1`.
    pub fn g(&mut self, scalars: impl Iterator<Item = Scalar>) -> &mut Self {
        for (i, scalar) in scalars.enumerate() {
            let term = self.weight * scalar;
            match self.sum.g.get_mut(i) {
                Some(sum) => *sum += term,
                None => self.sum.g.push(term),
            }
        }
        self
    }

    /// `+ scalar · point`.
    pub fn point(&mut self, scalar: Scalar, point: RistrettoPoint) -> &mut Self {
        self.sum.scalars.push(self.weight * scalar);
        self.sum.points.push(point);
        self
    }

    /// `+ scalar · point` for a point that is still encoded; if it is no point, the sum does not hold.
    pub fn encoded(&mut self, scalar: Scalar, point: &CompressedRistretto) -> &mut Self {
        self.sum.encoded_scalars.push(self.weight * scalar);
        self.sum.encoded.push(point.0);
        self
    }

    /// `+ Σ scalars_i · points_i` for points that are still encoded; if one is no point, or there are not as many, the sum
    /// does not hold.
    pub(crate) fn encoded_all(
        &mut self,
        scalars: impl IndexedParallelIterator<Item = Scalar>,
        points: impl Iterator<Item = [u8; 32]>,
    ) -> &mut Self {
        let weight = self.weight;
        self.sum.encoded_scalars.par_extend(scalars.map(|scalar| weight * scalar));
        self.sum.encoded.extend(points);
        self
    }

    /// `+ scalar · point` for a point that many equations share, such as the joint key: the first such point's terms
    /// are merged.
    pub fn shared_point(&mut self, scalar: Scalar, point: RistrettoPoint) -> &mut Self {
        self.sum.share(self.weight * scalar, point);
        self
    }

    /// `+ Σ_i scalars_i · (Σ_k component_weights_k · list_{i,k})`: one scalar per vector, and one weight per
    /// component (`R` and `C` of each limb), which folds the list's component-wise equations into one.
    ///
    /// `scalars(i)` gives them from the one of vector `i` on, which counts from 0; it is asked on all cores. Vectors beyond
    /// the last scalar, or scalars beyond the last vector, take no part: callers check lengths.
    pub fn list<I: Iterator<Item = Scalar>>(
        &mut self,
        list: &Arc<CiphertextList>,
        scalars: impl Fn(usize) -> I + Sync,
        component_weights: &[Scalar],
    ) -> &mut Self {
        let weighted: Vec<Scalar> = component_weights.iter().map(|w| w * self.weight).collect();
        let per_vector = list.width() * 2;
        let slots = self.sum.list_scalars(list);
        slots.par_chunks_mut(per_vector * TASK).enumerate().for_each(|(task, slots)| {
            for (slot, scalar) in slots.chunks_exact_mut(per_vector).zip(scalars(task * TASK)) {
                for (sum, weight) in slot.iter_mut().zip(&weighted) {
                    *sum += scalar * weight;
                }
            }
        });
        self
    }
}

/// Encodings that are gathered at a time.
const GATHERED: usize = 1 << 14;

/// Σ scalars_i · points_{offset + i·stride} over encoded points, in variable time, on all cores and in bounded memory;
/// `None` if one of them is no point, or there are too few.
pub(crate) fn vartime_msm_strided(
    scalars: &[Scalar],
    points: &[[u8; 32]],
    offset: usize,
    stride: usize,
) -> Option<RistrettoPoint> {
    let mut msm = Msm::default();
    let mut column = points.iter().skip(offset).step_by(stride).copied();
    for scalars in scalars.chunks(GATHERED) {
        let points: Vec<[u8; 32]> = column.by_ref().take(scalars.len()).collect();
        msm.add_encoded_vartime(scalars, &points).ok()?;
    }
    Some(msm.finish_vartime())
}

#[cfg(test)]
#[path = "sum_tests.rs"]
mod tests;
