module "m" {
  source = "./m"
  n      = 1
}
resource "terraform_data" "r" {
  for_each         = toset(["a", "b"])
  input            = each.key
  triggers_replace = "t"
}
