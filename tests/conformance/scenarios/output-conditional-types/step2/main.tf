variable "n" { default = 0 }
output "a" { value = var.n > 0 ? { x = 1 } : {} }
output "b" { value = var.n > 0 ? [1] : [] }
output "c" { value = var.n > 0 ? toset(["a"]) : [] }
output "d" { value = var.n > 0 ? { x = "s", y = 1 } : { x = 2 } }
output "e" { value = var.n > 0 ? null : "z" }
resource "terraform_data" "r" { input = var.n > 0 ? { x = 1 } : {} }
resource "terraform_data" "s" { input = var.n > 0 ? [1] : ["a", "b"] }
