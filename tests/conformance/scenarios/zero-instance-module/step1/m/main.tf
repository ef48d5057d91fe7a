variable "x" {}
resource "terraform_data" "t" {
  input = var.x
}
output "y" {
  value = terraform_data.t.output
}
