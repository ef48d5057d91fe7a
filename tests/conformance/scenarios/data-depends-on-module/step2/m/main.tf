variable "v" {}
resource "terraform_data" "b" { triggers_replace = var.v }
output "p" { value = terraform_data.b.input == null ? "x.tfstate" : "q" }
