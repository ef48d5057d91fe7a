resource "terraform_data" "a" {}
variable "s" { default = "x" }
locals { unused = upper([var.s]) }
