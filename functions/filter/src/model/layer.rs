//! A small network.

/// A hidden layer of rectified units and the sum over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// How many inputs there are.
    pub inputs: usize,
    /// The weight of each input in each unit, unit by unit.
    pub weights: Vec<f32>,
    /// What each unit starts from.
    pub biases: Vec<f32>,
    /// The weight of each unit.
    pub outputs: Vec<f32>,
    /// What the sum starts from.
    pub bias: f32,
}

impl Layer {
    /// The layer's answer to `inputs`.
    #[must_use]
    pub fn answer(&self, inputs: &[f32]) -> f32 {
        let units = self.weights.chunks_exact(self.inputs).zip(&self.biases).zip(&self.outputs);
        let sum: f32 = units
            .map(|((weights, bias), output)| {
                let unit = bias + dot(weights, inputs);
                if unit > 0.0 { unit * output } else { 0.0 }
            })
            .sum();
        sum + self.bias
    }
}

/// The sum of the products, in eight partial sums, which a processor adds up at once.
fn dot(weights: &[f32], inputs: &[f32]) -> f32 {
    let (weights, more_weights) = weights.as_chunks::<8>();
    let (inputs, more_inputs) = inputs.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for (weights, inputs) in weights.iter().zip(inputs) {
        for ((sum, weight), input) in sums.iter_mut().zip(weights).zip(inputs) {
            *sum += weight * input;
        }
    }
    let rest = more_weights.iter().zip(more_inputs).map(|(weight, input)| weight * input);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}
