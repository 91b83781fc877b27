"""Training: recipes, batches, augmentation, distillation, teaching, and evaluation."""
