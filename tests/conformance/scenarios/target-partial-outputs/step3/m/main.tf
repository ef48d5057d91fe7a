resource "terraform_data" "r" {
  input = "k"
}
output "o" {
  value = terraform_data.r.output
}
