variable "n" {}
resource "terraform_data" "x" {
  count            = 2
  input            = count.index
  triggers_replace = var.n
}
output "o" {
  value = terraform_data.x[*].output
}
