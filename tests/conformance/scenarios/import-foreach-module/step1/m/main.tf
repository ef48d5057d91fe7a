variable "k" {}
resource "terraform_data" "x" {
  input = var.k
}
output "id" {
  value = terraform_data.x.id
}
