variable "s" { 
  sensitive = true 
  default = "a"
}
resource "terraform_data" "a" { input = { list = [1, var.s, { k = var.s }], plain = 1 } }
resource "terraform_data" "b" { input = terraform_data.a.output }
resource "terraform_data" "c" { input = terraform_data.a.output.list[1] }
output "x" { 
  value = terraform_data.a.input
  sensitive = true
}
