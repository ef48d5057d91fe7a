variable "label" { type = string }
resource "terraform_data" "n" { input = var.label }
output "label" { value = terraform_data.n.input }
