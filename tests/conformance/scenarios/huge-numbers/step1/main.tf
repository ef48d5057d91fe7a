resource "terraform_data" "a" {
  input = {
    big  = 123456789012345678901234567890
    neg  = -0
    frac = 0.1
    exp  = 1e50
    tiny = 1e-50
    i    = 9007199254740993
  }
}
output "o" {
  value = terraform_data.a.output
}
