variable "v" {}
output "v" {
  value = var.v
}
resource "terraform_data" "in" {
  input = var.v
}
