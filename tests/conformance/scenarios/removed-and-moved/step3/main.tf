removed {
  from = module.n
  lifecycle {
    destroy = false
  }
}
resource "terraform_data" "c" {
  input = 1
}
