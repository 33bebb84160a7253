//! Tests of the pure steps between an answer and observations.
