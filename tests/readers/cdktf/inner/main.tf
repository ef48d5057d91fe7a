variable "greeting" {
  type = string
}

resource "terraform_data" "said" {
  input = var.greeting
}

output "said" {
  value = terraform_data.said.output
}
